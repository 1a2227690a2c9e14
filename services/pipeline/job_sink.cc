#include "services/pipeline/job_sink.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <map>
#include <utility>
#include <variant>

#include "absl/strings/str_format.h"
#include "common/base/config/job_spec.h"
#include "common/base/enum_text.h"
#include "common/base/error.h"
#include "common/base/log.h"
#include "common/base/version.h"
#include "services/pipeline/job_states.h"
#include "services/pipeline/names.h"

namespace quern::pipeline {
namespace {

// How often a job that waits is asked whether anything else is in flight, and the last results made durable.
constexpr absl::Duration kAskPause = absl::Milliseconds(300);
// A running job's shards are compacted when this many more have been published: at one commit in 10 s, every half hour
// or so.
constexpr size_t kCompactShards = 500;

RowContext MakeRowContext(const v1::Job& job) {
  RowContext context;
  context.job = job.name();
  context.spec_hash = job.spec_hash();
  context.document_text = job.spec().output().document_text();
  return context;
}

// What the job makes of documents, without servers, keys and caps: what the spec's hash in each row stands for.
std::string SpecJson(const v1::JobSpec& spec) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.add_whitespace = true;
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(config::SpecIdentity(spec), &json, options);
  // Fails only for messages that hold google.protobuf.Any.
  return status.ok() ? json : "";
}

dataset::DatasetOptions MakeDatasetOptions(std::string folder, const v1::Job& job) {
  dataset::DatasetOptions options;
  options.folder = std::move(folder);
  options.job = job.name();
  options.spec_hash = job.spec_hash();
  options.quern_version = std::string(Version());
  options.spec_json = SpecJson(job.spec());
  options.compression_level = static_cast<int>(job.spec().output().compression_level());
  return options;
}

// Each once, where they end: whatever stage or worker gave them up.
void TellOfDeadLetters(const std::string& job_id, const std::vector<LaneBuffer::DeadLetter>& letters) {
  for (const LaneBuffer::DeadLetter& letter : letters) {
    LogWarning("dead letter", {{"job", job_id},
                               {"id", letter.key},
                               {"document", letter.document},
                               {"stage", EnumText(*v1::StageName_descriptor(), letter.stage)},
                               {"reason", letter.reason},
                               {"attempts", letter.attempts},
                               {"deliveries", letter.deliveries},
                               {"trace_id", letter.trace_id}});
  }
}

// Bytes on disk of the shards from number `first` on.
uint64_t BytesFrom(const dataset::Manifest& manifest, uint64_t first) {
  uint64_t bytes = 0;
  for (auto shard = manifest.shards.rbegin(); shard != manifest.shards.rend() && shard->number >= first; ++shard) {
    bytes += shard->bytes;
  }
  return bytes;
}

}  // namespace

absl::StatusOr<std::unique_ptr<JobSink>> JobSink::Open(const PipelineOptions& options, const v1::Job& job,
                                                       queue::JobStore* store, queue::DurabilityClock* clock,
                                                       service::JobMetrics* metrics) {
  QUERN_ASSIGN_OR_RETURN(const std::string id, JobIdOf(job.name()));
  QUERN_ASSIGN_OR_RETURN(auto writer, dataset::DatasetWriter::Open(MakeDatasetOptions(DatasetPath(options, id), job)));
  std::unique_ptr<JobSink> sink(new JobSink(options, id, job, store, clock, metrics, std::move(writer)));
  QUERN_RETURN_IF_ERROR(sink->AgreeWithRedis());
  if (HasEnded(job.state())) {
    QUERN_ASSIGN_OR_RETURN(sink->ended_at_ms_, clock->NowMs());
  }
  // From here on the dataset is not final, whatever it was before.
  QUERN_RETURN_IF_ERROR(sink->writer_->UpdateState(job.counts(), v1::JOB_STATE_RUNNING));
  return sink;
}

JobSink::JobSink(const PipelineOptions& options, std::string job_id, const v1::Job& job, queue::JobStore* store,
                 queue::DurabilityClock* clock, service::JobMetrics* metrics,
                 std::unique_ptr<dataset::DatasetWriter> writer)
    : job_id_(std::move(job_id)),
      row_context_(MakeRowContext(job)),
      limits_(LimitsOf(job.spec())),
      store_(store),
      clock_(clock),
      metrics_(metrics),
      results_(options.redis, job_id_, job.spec().queue().lanes()),
      writer_(std::move(writer)),
      lanes_(job.spec().queue().lanes()),
      counts_(job.counts()),
      target_(job.spec().target_records()),
      compact_at_(writer_->manifest().shards.size() + kCompactShards) {}

absl::Status JobSink::AgreeWithRedis() {
  for (uint32_t lane = 0; lane < lanes_.size(); ++lane) {
    QUERN_ASSIGN_OR_RETURN(const uint64_t in_redis, results_.CommitNumber(lane));
    const auto& commits = writer_->manifest().lane_commits;
    const auto found = commits.find(lane);
    const uint64_t on_disk = found == commits.end() ? 0 : found->second;
    if (on_disk < in_redis) {
      return MakeError(absl::StatusCode::kFailedPrecondition, "DATASET_BEHIND",
                       absl::StrFormat("lane %d of the dataset ends at commit %d, and Redis has made %d: shards are "
                                       "missing; restore the folder, or delete the job and begin again",
                                       lane, on_disk, in_redis));
    }
    if (on_disk > in_redis) {
      LogInfo("rolling the dataset back to Redis' last commit",
              {{"job", job_id_}, {"lane", lane}, {"on_disk", on_disk}, {"in_redis", in_redis}});
      QUERN_RETURN_IF_ERROR(writer_->RollBack(lane, in_redis));
    }
    lanes_[lane].commit = in_redis;
    QUERN_ASSIGN_OR_RETURN(const int64_t now_ms, clock_->NowMs());
    lanes_[lane].volatile_commits.emplace_back(in_redis, now_ms);
  }
  return absl::OkStatus();
}

absl::StatusOr<JobSink::Progress> JobSink::Step(int64_t durable_until_ms, absl::Time now) {
  if (ended_at_ms_ != 0) return Settle(durable_until_ms, now);
  QUERN_ASSIGN_OR_RETURN(const bool read, ReadLanes(durable_until_ms, now));
  QUERN_ASSIGN_OR_RETURN(bool committed, CommitDue(now));
  if ((read || committed) && HasTarget()) QUERN_RETURN_IF_ERROR(ReachTarget());
  if (!read && !committed && now - asked_at_ >= kAskPause) {
    asked_at_ = now;
    QUERN_ASSIGN_OR_RETURN(const Left left, LeftInFlight());
    // Waiting for more would be waiting for nothing.
    if (left == Left::kResults) QUERN_RETURN_IF_ERROR(clock_->Hasten());
    if (left == Left::kNothing) {
      QUERN_RETURN_IF_ERROR(CommitAll());
      return TryFinish();
    }
  }
  QUERN_RETURN_IF_ERROR(CompactNowAndThen(durable_until_ms));
  return read || committed ? Progress::kBusy : Progress::kIdle;
}

bool JobSink::caught_up() const {
  return std::all_of(lanes_.begin(), lanes_.end(), [](const Lane& lane) { return lane.buffer.empty(); });
}

absl::StatusOr<bool> JobSink::ReadLanes(int64_t durable_until_ms, absl::Time now) {
  bool read = false;
  for (uint32_t lane = 0; lane < lanes_.size(); ++lane) {
    LaneBuffer& buffer = lanes_[lane].buffer;
    if (buffer.Full(limits_)) continue;
    QUERN_ASSIGN_OR_RETURN(std::vector<queue::Result> results,
                           results_.Read(lane, buffer.tally().last_id, buffer.ReadLimit(), durable_until_ms));
    if (results.empty()) continue;
    read = true;
    if (buffer.empty()) QUERN_RETURN_IF_ERROR(writer_->Begin(lane, lanes_[lane].commit + 1));
    for (queue::Result& result : results) {
      buffer.Add(row_context_, now, result);
      AppendRow(lane, now, &result);
    }
  }
  return read;
}

void JobSink::AppendRow(uint32_t lane, absl::Time now, queue::Result* result) {
  const Row row = MakeRow(row_context_, &result->terminal, result->document.get(), now);
  if (const auto* record = std::get_if<v1::RecordRow>(&row)) writer_->Append(lane, *record);
  if (const auto* rejection = std::get_if<v1::RejectionRow>(&row)) writer_->Append(lane, *rejection);
  if (const auto* letter = std::get_if<v1::DeadLetterRow>(&row)) writer_->Append(lane, *letter);
}

absl::StatusOr<bool> JobSink::CommitDue(absl::Time now) {
  bool committed = false;
  for (uint32_t lane = 0; lane < lanes_.size(); ++lane) {
    if (!lanes_[lane].buffer.Due(limits_, now)) continue;
    QUERN_RETURN_IF_ERROR(CommitLane(lane));
    committed = true;
  }
  if (committed) QUERN_RETURN_IF_ERROR(TakeCounts());
  return committed;
}

absl::Status JobSink::CommitAll() {
  bool committed = false;
  for (uint32_t lane = 0; lane < lanes_.size(); ++lane) {
    if (lanes_[lane].buffer.empty()) continue;
    QUERN_RETURN_IF_ERROR(CommitLane(lane));
    committed = true;
  }
  return committed ? TakeCounts() : absl::OkStatus();
}

absl::Status JobSink::CommitLane(uint32_t lane) {
  Lane& state = lanes_[lane];
  const uint64_t commit = state.commit + 1;
  const uint64_t first_shard = writer_->manifest().next_shard;
  const absl::Time begin = absl::Now();
  QUERN_RETURN_IF_ERROR(writer_->Publish(lane, counts_, v1::JOB_STATE_RUNNING));
  const absl::Duration took = absl::Now() - begin;
  QUERN_RETURN_IF_ERROR(results_.Commit(lane, commit, state.buffer.tally()));
  TellOfDeadLetters(job_id_, state.buffer.dead_letters());
  QUERN_ASSIGN_OR_RETURN(const int64_t committed_ms, clock_->NowMs());
  state.commit = commit;
  state.volatile_commits.emplace_back(commit, committed_ms);
  const absl::Time ended = absl::Now();
  for (const LaneBuffer::End& end : state.buffer.ends()) metrics_->Ended(end.how, ended - end.accepted);
  metrics_->SinkCommitted(state.buffer.records(), BytesFrom(writer_->manifest(), first_shard), took);
  state.buffer.Clear();
  return absl::OkStatus();
}

absl::Status JobSink::TakeCounts() {
  QUERN_ASSIGN_OR_RETURN(const v1::Job job, store_->Get(job_id_));
  counts_ = job.counts();
  return absl::OkStatus();
}

absl::Status JobSink::CompactNowAndThen(int64_t durable_until_ms) {
  if (writer_->manifest().shards.size() < compact_at_) return absl::OkStatus();
  // A Redis that restarted calls durable what it still has, so it is asked whether that is all.
  QUERN_RETURN_IF_ERROR(CheckCommitNumbers());
  for (Lane& lane : lanes_) {
    auto& commits = lane.volatile_commits;
    for (; !commits.empty() && commits.front().second < durable_until_ms; commits.pop_front()) {
      lane.durable_commit = commits.front().first;
    }
  }
  QUERN_RETURN_IF_ERROR(Compact());
  compact_at_ = writer_->manifest().shards.size() + kCompactShards;
  return absl::OkStatus();
}

absl::Status JobSink::Compact() {
  std::map<uint32_t, uint64_t> durable;
  for (uint32_t lane = 0; lane < lanes_.size(); ++lane) durable[lane] = lanes_[lane].durable_commit;
  return writer_->Compact(durable);
}

bool JobSink::HasTarget() const {
  if (target_ == 0) return false;
  uint64_t records = counts_.items().records();
  for (const Lane& lane : lanes_) records += lane.buffer.records();
  return records >= target_;
}

absl::Status JobSink::ReachTarget() {
  QUERN_RETURN_IF_ERROR(CommitAll());
  const std::string reason = absl::StrFormat("it has the %d records that it was to make", target_);
  const absl::Status reached = store_->ReachTarget(job_id_, reason);
  // It has ended in the same moment.
  return absl::IsFailedPrecondition(reached) || absl::IsNotFound(reached) ? absl::OkStatus() : reached;
}

absl::StatusOr<JobSink::Left> JobSink::LeftInFlight() {
  QUERN_ASSIGN_OR_RETURN(const v1::Job job, store_->Get(job_id_));
  if (!job.input_closed() && job.state() != v1::JOB_STATE_CANCELLING) return Left::kWork;
  uint64_t results = 0;
  for (const v1::StageBacklog& backlog : job.counts().backlog()) {
    const bool is_results = backlog.stage() == v1::STAGE_NAME_UNSPECIFIED;
    if (!is_results && backlog.entries() > 0) return Left::kWork;
    if (is_results) results += backlog.entries();
  }
  uint64_t buffered = 0;
  for (const Lane& lane : lanes_) buffered += lane.buffer.tally().results;
  return results > buffered ? Left::kResults : Left::kNothing;
}

absl::StatusOr<JobSink::Progress> JobSink::TryFinish() {
  const absl::StatusOr<v1::JobState> state = store_->TryFinish(job_id_);
  if (absl::IsNotFound(state.status())) return Progress::kGone;
  QUERN_RETURN_IF_ERROR(state.status());
  if (*state == v1::JOB_STATE_DELETING) return Progress::kGone;
  if (HasEnded(*state)) {
    QUERN_ASSIGN_OR_RETURN(ended_at_ms_, clock_->NowMs());
    asked_at_ = absl::InfinitePast();
  }
  return Progress::kIdle;
}

// The end itself must be durable before shards are compacted: compaction cannot be rolled back.
absl::StatusOr<JobSink::Progress> JobSink::Settle(int64_t durable_until_ms, absl::Time now) {
  if (durable_until_ms <= ended_at_ms_) {
    if (now - asked_at_ < kAskPause) return Progress::kIdle;
    asked_at_ = now;
    QUERN_RETURN_IF_ERROR(clock_->Hasten());
    return Progress::kIdle;
  }
  // Asked after durability was: a Redis that restarted since may have lost the end. An end that was interrupted before
  // the job left the active set is completed here.
  const absl::StatusOr<v1::JobState> state = store_->TryFinish(job_id_);
  if (absl::IsNotFound(state.status())) return Progress::kGone;
  QUERN_RETURN_IF_ERROR(state.status());
  if (*state == v1::JOB_STATE_DELETING) return Progress::kGone;
  QUERN_RETURN_IF_ERROR(CheckCommitNumbers());
  if (!HasEnded(*state)) {
    // Redriven meanwhile, or the end was lost.
    ended_at_ms_ = 0;
    return Progress::kBusy;
  }
  QUERN_ASSIGN_OR_RETURN(const v1::Job job, store_->Get(job_id_));
  for (Lane& lane : lanes_) lane.durable_commit = lane.commit;
  QUERN_RETURN_IF_ERROR(Compact());
  QUERN_RETURN_IF_ERROR(writer_->UpdateState(job.counts(), job.state()));
  QUERN_RETURN_IF_ERROR(store_->SetFinishedNow(job_id_));
  final_state_ = job.state();
  LogInfo("dataset is final", {{"job", job_id_}, {"records", job.counts().items().records()}});
  return Progress::kFinal;
}

absl::Status JobSink::CheckCommitNumbers() {
  for (uint32_t lane = 0; lane < lanes_.size(); ++lane) {
    QUERN_ASSIGN_OR_RETURN(const uint64_t in_redis, results_.CommitNumber(lane));
    if (in_redis != lanes_[lane].commit) {
      return MakeError(absl::StatusCode::kAborted, "ROLLED_BACK", "Redis lost commits that it had made");
    }
  }
  return absl::OkStatus();
}

}  // namespace quern::pipeline

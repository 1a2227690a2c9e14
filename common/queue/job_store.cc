#include "common/queue/job_store.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/config/job_spec.h"
#include "common/base/config/spec_difference.h"
#include "common/base/enum_text.h"
#include "common/base/error.h"
#include "common/queue/endpoints_down.h"
#include "common/queue/fields.h"
#include "common/queue/job_counts.h"
#include "common/queue/job_spend.h"
#include "common/queue/keys.h"
#include "common/queue/queue_limits.h"
#include "common/queue/scripts.h"

namespace quern::queue {
namespace {

absl::Status NoSuchJob(const std::string& job_id) {
  return MakeError(absl::StatusCode::kNotFound, "NO_SUCH_JOB", "no job " + job_id);
}

std::string Digit(v1::JobState state) { return absl::StrFormat("%d", static_cast<int>(state)); }

// States from which `to` may be entered. A lane may be completed while its job still runs (others of its lanes do), so
// cancelling takes it along.
std::string EnteredFrom(v1::JobState to) {
  switch (to) {
    case v1::JOB_STATE_RUNNING:
    case v1::JOB_STATE_PAUSED:
      return "12";
    case v1::JOB_STATE_CANCELLING:
      return "1234";
    case v1::JOB_STATE_DELETING:
      return "123456";
    default:
      return "";
  }
}

// Whether a job may be asked to go to `to`, given the state of all its lanes together.
bool Allowed(v1::JobState from, v1::JobState to) {
  if (from == to) return true;
  if (to == v1::JOB_STATE_CANCELLING && (from == v1::JOB_STATE_CANCELLED || from == v1::JOB_STATE_COMPLETED)) {
    return from == v1::JOB_STATE_CANCELLED;
  }
  return EnteredFrom(to).find(Digit(from)) != std::string::npos;
}

// One state for all lanes: the one that most needs attention wins, so a change that was interrupted between lanes shows
// as not yet made (resume, complete) or as begun (pause, cancel, delete), and repeating it completes it.
v1::JobState Combine(const std::vector<v1::JobState>& lanes) {
  for (v1::JobState state : {v1::JOB_STATE_DELETING, v1::JOB_STATE_CANCELLING}) {
    if (std::count(lanes.begin(), lanes.end(), state) > 0) return state;
  }
  const bool cancelled = std::count(lanes.begin(), lanes.end(), v1::JOB_STATE_CANCELLED) > 0;
  for (v1::JobState state : {v1::JOB_STATE_PAUSED, v1::JOB_STATE_RUNNING}) {
    if (std::count(lanes.begin(), lanes.end(), state) > 0) return cancelled ? v1::JOB_STATE_CANCELLING : state;
  }
  return cancelled ? v1::JOB_STATE_CANCELLED : v1::JOB_STATE_COMPLETED;
}

google::protobuf::Timestamp ToTimestamp(int64_t milliseconds) {
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(milliseconds / 1000);
  timestamp.set_nanos(static_cast<int32_t>(milliseconds % 1000) * 1'000'000);
  return timestamp;
}

bool Ended(v1::JobState state) { return state == v1::JOB_STATE_COMPLETED || state == v1::JOB_STATE_CANCELLED; }

}  // namespace

JobStore::JobStore(RedisOptions redis) : redis_(std::move(redis)) {}

absl::StatusOr<v1::Job> JobStore::Create(const std::string& job_id, const v1::JobSpec& spec,
                                         std::string_view dataset_path) {
  const std::string bytes = spec.SerializeAsString();
  const std::string hash = config::SpecHash(spec);
  const std::string budget = spec.budget().SerializeAsString();
  QUERN_ASSIGN_OR_RETURN(const Reply made,
                         redis_.Run(kJobCreate, {JobKey(job_id)}, {bytes, hash, dataset_path, budget}));
  if (made.string == "other") {
    QUERN_ASSIGN_OR_RETURN(const v1::JobSpec present, Spec(job_id));
    return MakeError(absl::StatusCode::kAlreadyExists, "JOB_EXISTS",
                     absl::StrCat("job ", job_id, " exists with another spec (", config::SpecDifference(present, spec),
                                  "); choose another id, or delete that job"));
  }
  const std::string running = Digit(v1::JOB_STATE_RUNNING);
  std::vector<v1::JobState> states;
  for (uint32_t lane = 0; lane < LanesOf(spec); ++lane) {
    const LaneKeys keys(job_id, lane);
    QUERN_ASSIGN_OR_RETURN(
        const Reply state,
        redis_.Run(kLaneCreate, {keys.state, keys.filter, keys.persona, keys.generator, keys.verifier, keys.results},
                   {kGroup, running}));
    states.push_back(static_cast<v1::JobState>(NumberOf(state)));
  }
  // Last: what these sets name is complete.
  std::vector<std::vector<std::string_view>> announce = {{"ZADD", kJobsKey, "0", job_id}};
  if (!Ended(Combine(states))) announce.push_back({"SADD", kActiveKey, job_id});
  for (const auto& command : announce) QUERN_RETURN_IF_ERROR(redis_.Command(command).status());
  return Get(job_id);
}

absl::StatusOr<v1::Job> JobStore::Get(const std::string& job_id) {
  QUERN_ASSIGN_OR_RETURN(const Reply stored, redis_.Command({"HGETALL", JobKey(job_id)}));
  auto fields = FieldsOf(stored);
  v1::Job job;
  if (fields.empty() || !job.mutable_spec()->ParseFromString(fields["spec"])) return NoSuchJob(job_id);
  job.set_name("jobs/" + job_id);
  if (!job.mutable_budget()->ParseFromString(fields["budget"])) job.clear_budget();
  job.set_spec_hash(fields["spec_hash"]);
  job.set_state_reason(fields["reason"]);
  job.set_dataset_path(fields["dataset_path"]);
  *job.mutable_created_at() = ToTimestamp(NumberOf(fields["created_ms"]));
  bool closed = true;
  std::vector<v1::JobState> states;
  for (uint32_t lane = 0; lane < LanesOf(job.spec()); ++lane) {
    const LaneKeys keys(job_id, lane);
    QUERN_ASSIGN_OR_RETURN(const Reply snapshot,
                           redis_.Run(kSnapshot,
                                      {keys.state, keys.filter, keys.persona, keys.generator, keys.verifier,
                                       keys.results, keys.counts, keys.reasons, keys.domains},
                                      {kGroup}));
    AddLaneCounts(snapshot, job.mutable_counts());
    auto state = FieldsOf(snapshot.array[0]);
    closed &= state["closed"] == "1";
    states.push_back(static_cast<v1::JobState>(NumberOf(state["state"])));
  }
  FinishCounts(job.mutable_counts());
  QUERN_ASSIGN_OR_RETURN(const std::vector<v1::StageUsage> spent, ReadSpend(redis_, job_id));
  job.mutable_usage()->Assign(spent.begin(), spent.end());
  job.set_input_closed(closed);
  job.set_state(Combine(states));
  if (Ended(job.state())) {
    *job.mutable_finished_at() = ToTimestamp(NumberOf(fields["finished_ms"]));
  } else {
    QUERN_ASSIGN_OR_RETURN(const std::vector<v1::EndpointDown> down, ReadEndpointsDown(redis_, job.spec()));
    job.mutable_endpoints_down()->Assign(down.begin(), down.end());
  }
  return job;
}

absl::StatusOr<std::vector<v1::Job>> JobStore::List(std::string_view after, size_t limit) {
  const std::string from = after.empty() ? "-" : "(" + std::string(after);
  const std::string count = absl::StrFormat("%d", limit);
  QUERN_ASSIGN_OR_RETURN(const Reply ids,
                         redis_.Command({"ZRANGE", kJobsKey, from, "+", "BYLEX", "LIMIT", "0", count}));
  std::vector<v1::Job> jobs;
  for (const Reply& id : ids.array) {
    absl::StatusOr<v1::Job> job = Get(id.string);
    if (job.ok()) {
      jobs.push_back(*std::move(job));
    } else if (!absl::IsNotFound(job.status())) {
      return std::move(job).status();
    }
  }
  return jobs;
}

absl::StatusOr<std::vector<std::string>> JobStore::Active() {
  QUERN_ASSIGN_OR_RETURN(const Reply ids, redis_.Command({"SMEMBERS", kActiveKey}));
  std::vector<std::string> jobs;
  for (const Reply& id : ids.array) jobs.push_back(id.string);
  return jobs;
}

absl::StatusOr<v1::JobSpec> JobStore::Spec(const std::string& job_id) {
  QUERN_ASSIGN_OR_RETURN(const Reply bytes, redis_.Command({"HGET", JobKey(job_id), "spec"}));
  v1::JobSpec spec;
  if (bytes.type != Reply::Type::kString || !spec.ParseFromString(bytes.string)) return NoSuchJob(job_id);
  return spec;
}

absl::StatusOr<uint32_t> JobStore::Lanes(const std::string& job_id) {
  QUERN_ASSIGN_OR_RETURN(const v1::JobSpec spec, Spec(job_id));
  return LanesOf(spec);
}

absl::StatusOr<v1::JobState> JobStore::CombinedState(const std::string& job_id, uint32_t lanes) {
  std::vector<v1::JobState> states;
  for (uint32_t lane = 0; lane < lanes; ++lane) {
    QUERN_ASSIGN_OR_RETURN(const Reply state, redis_.Command({"HGET", LaneKeys(job_id, lane).state, "state"}));
    if (state.type != Reply::Type::kString) return NoSuchJob(job_id);
    states.push_back(static_cast<v1::JobState>(NumberOf(state)));
  }
  return Combine(states);
}

absl::Status JobStore::SetState(const std::string& job_id, v1::JobState state, std::string_view reason) {
  QUERN_ASSIGN_OR_RETURN(const uint32_t lanes, Lanes(job_id));
  QUERN_ASSIGN_OR_RETURN(const v1::JobState present, CombinedState(job_id, lanes));
  if (!Allowed(present, state)) {
    return MakeError(absl::StatusCode::kFailedPrecondition, Ended(present) ? "JOB_ENDED" : "WRONG_STATE",
                     absl::StrFormat("job %s is %s", job_id, EnumText(*v1::JobState_descriptor(), present)));
  }
  if (Ended(present) && state != v1::JOB_STATE_DELETING) return absl::OkStatus();
  // The reason first: a worker that pauses a job in the moment in which it is resumed must not lose its own.
  std::vector<std::string_view> fields = {"reason", reason};
  std::string now;
  if (state == v1::JOB_STATE_RUNNING) {
    // What workers learned before no longer pauses it.
    QUERN_ASSIGN_OR_RETURN(now, NowMs());
    fields.insert(fields.end(), {"resumed_ms", now});
  }
  QUERN_RETURN_IF_ERROR(redis_.Run(kJobSet, {JobKey(job_id)}, fields).status());
  return MoveLanes(job_id, lanes, state);
}

absl::Status JobStore::MoveLanes(const std::string& job_id, uint32_t lanes, v1::JobState state) {
  for (uint32_t lane = 0; lane < lanes; ++lane) {
    QUERN_ASSIGN_OR_RETURN(const Reply moved, redis_.Run(kSetState, {LaneKeys(job_id, lane).state},
                                                         {Digit(state), EnteredFrom(state), "state"}));
    if (moved.array[0].string == "-") return NoSuchJob(job_id);
  }
  return absl::OkStatus();
}

absl::Status JobStore::MarkLanes(const std::string& job_id, std::string_view field) {
  QUERN_ASSIGN_OR_RETURN(const uint32_t lanes, Lanes(job_id));
  for (uint32_t lane = 0; lane < lanes; ++lane) {
    QUERN_ASSIGN_OR_RETURN(const Reply marked,
                           redis_.Run(kSetState, {LaneKeys(job_id, lane).state}, {"1", "123456", field}));
    if (marked.array[0].string == "-") return NoSuchJob(job_id);
  }
  return absl::OkStatus();
}

absl::Status JobStore::CloseInput(const std::string& job_id) { return MarkLanes(job_id, "closed"); }

absl::Status JobStore::ReachTarget(const std::string& job_id, std::string_view reason) {
  QUERN_ASSIGN_OR_RETURN(const uint32_t lanes, Lanes(job_id));
  for (uint32_t lane = 0; lane < lanes; ++lane) {
    const absl::StatusOr<Reply> target = redis_.Command({"HGET", LaneKeys(job_id, lane).state, "target"});
    QUERN_RETURN_IF_ERROR(target.status());
    if (target->string == "0") return absl::OkStatus();
  }
  QUERN_RETURN_IF_ERROR(CloseInput(job_id));
  QUERN_RETURN_IF_ERROR(MarkLanes(job_id, "target"));
  return SetState(job_id, v1::JOB_STATE_CANCELLING, reason);
}

absl::Status JobStore::SetBudget(const std::string& job_id, const v1::BudgetSpec& budget) {
  QUERN_ASSIGN_OR_RETURN(const Reply set,
                         redis_.Run(kJobSet, {JobKey(job_id)}, {"budget", budget.SerializeAsString()}));
  return set.integer == 1 ? absl::OkStatus() : NoSuchJob(job_id);
}

absl::StatusOr<v1::JobState> JobStore::TryFinish(const std::string& job_id) {
  QUERN_ASSIGN_OR_RETURN(const uint32_t lanes, Lanes(job_id));
  QUERN_ASSIGN_OR_RETURN(const v1::JobState present, CombinedState(job_id, lanes));
  if (present == v1::JOB_STATE_CANCELLING) {
    // A cancellation that was interrupted between lanes goes on here.
    QUERN_RETURN_IF_ERROR(MoveLanes(job_id, lanes, present));
  }
  // Lanes move only when all could: none is completed while another still takes input.
  for (const std::string_view move : {"0", "1"}) {
    for (uint32_t lane = 0; lane < lanes; ++lane) {
      const LaneKeys keys(job_id, lane);
      QUERN_ASSIGN_OR_RETURN(const Reply ended, redis_.Run(kFinishLane, {keys.state, keys.counts}, {move}));
      if (ended.array[1].string != "1") return CombinedState(job_id, lanes);
    }
  }
  QUERN_ASSIGN_OR_RETURN(const v1::JobState state, CombinedState(job_id, lanes));
  if (Ended(state)) QUERN_RETURN_IF_ERROR(Retire(job_id, lanes));
  return CombinedState(job_id, lanes);
}

absl::StatusOr<std::string> JobStore::NowMs() {
  QUERN_ASSIGN_OR_RETURN(const Reply time, redis_.Command({"TIME"}));
  return absl::StrFormat("%d", NumberOf(time.array[0]) * 1000 + NumberOf(time.array[1]) / 1000);
}

absl::Status JobStore::SetFinishedNow(const std::string& job_id) {
  QUERN_ASSIGN_OR_RETURN(const std::string now, NowMs());
  return redis_.Run(kJobSet, {JobKey(job_id)}, {"finished_ms", now}).status();
}

absl::Status JobStore::Retire(const std::string& job_id, uint32_t lanes) {
  QUERN_ASSIGN_OR_RETURN(const Reply was_active, redis_.Command({"SREM", kActiveKey, job_id}));
  if (was_active.integer == 1) QUERN_RETURN_IF_ERROR(SetFinishedNow(job_id));
  // A redrive may have started the job again between the lanes' end and the removal.
  QUERN_ASSIGN_OR_RETURN(const v1::JobState state, CombinedState(job_id, lanes));
  if (!Ended(state)) return redis_.Command({"SADD", kActiveKey, job_id}).status();
  return absl::OkStatus();
}

absl::Status JobStore::Delete(const std::string& job_id) {
  const absl::StatusOr<uint32_t> lanes = Lanes(job_id);
  if (absl::IsNotFound(lanes.status())) return absl::OkStatus();
  QUERN_RETURN_IF_ERROR(lanes.status());
  QUERN_RETURN_IF_ERROR(redis_.Command({"SREM", kActiveKey, job_id}).status());
  for (uint32_t lane = 0; lane < *lanes; ++lane) {
    const LaneKeys keys(job_id, lane);
    // The state goes with the rest, so no script touches the lane again.
    QUERN_RETURN_IF_ERROR(redis_
                              .Command({"UNLINK", keys.state, keys.filter, keys.persona, keys.generator, keys.verifier,
                                        keys.results, keys.documents, keys.references, keys.seen, keys.positions,
                                        keys.redriven, keys.counts, keys.reasons, keys.domains})
                              .status());
  }
  QUERN_RETURN_IF_ERROR(redis_.Command({"ZREM", kJobsKey, job_id}).status());
  return redis_.Command({"UNLINK", JobKey(job_id), SpendKey(job_id), BatchesKey(job_id), BatchCallsKey(job_id)})
      .status();
}

}  // namespace quern::queue

#include "common/queue/redriver.h"

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "common/base/error.h"
#include "common/queue/document_codec.h"
#include "common/queue/fields.h"
#include "common/queue/keys.h"
#include "common/queue/queue_limits.h"
#include "common/queue/scripts.h"
#include "common/queue/terminal_tally.h"
#include "common/queue/transitions.h"
#include "quern/v1/queue.pb.h"

namespace quern::queue {
namespace {

// Where a letter of `stage` goes again. What died at ingest (an id conflict) has been through no stage.
v1::StageName EntryStage(v1::StageName stage) { return stage <= v1::STAGE_NAME_INGEST ? v1::STAGE_NAME_FILTER : stage; }

// The eight arguments that redrive.lua takes for a letter.
void AppendArguments(const v1::DeadLetterRow& letter, std::vector<std::string>* arguments) {
  v1::QueueEntry entry;
  entry.set_schema(kEntrySchema);
  *entry.mutable_item() = letter.item();
  entry.mutable_item()->set_document_id(letter.document_id());
  entry.mutable_item()->set_generation(letter.generation() + 1);
  entry.mutable_item()->set_accepted_ms(absl::ToUnixMillis(absl::Now()));
  v1::Document document = letter.document();
  document.set_id(letter.document_id());
  std::string bytes = EncodeDocument(document);
  entry.set_document_hash(DocumentHash(bytes));
  const int stream = EntryStage(letter.stage()) - v1::STAGE_NAME_FILTER + 2;
  arguments->push_back(letter.id());
  arguments->push_back(absl::StrFormat("%d", letter.generation()));
  arguments->push_back(absl::StrFormat("%d", stream));
  arguments->push_back(letter.item().expanded() ? "1" : "0");
  arguments->push_back(letter.document_id());
  arguments->push_back(std::move(bytes));
  arguments->push_back(entry.SerializeAsString());
  arguments->push_back(ReasonField("dead", letter.stage(), letter.reason()));
}

}  // namespace

Redriver::Redriver(RedisOptions redis, std::string job_id, v1::JobSpec spec)
    : redis_(std::move(redis)), job_id_(std::move(job_id)), spec_(std::move(spec)) {}

absl::StatusOr<uint64_t> Redriver::Redrive(const std::vector<v1::DeadLetterRow>& letters) {
  std::vector<std::vector<std::string>> by_lane(LanesOf(spec_));
  for (const v1::DeadLetterRow& letter : letters) {
    if (!letter.redrivable() || !letter.has_document()) continue;
    AppendArguments(letter, &by_lane[LaneOf(letter.document_id(), LanesOf(spec_))]);
  }
  // Before and after: a job that ended just now leaves the active set, perhaps between the two.
  QUERN_RETURN_IF_ERROR(redis_.Command({"SADD", kActiveKey, job_id_}).status());
  uint64_t redriven = 0;
  for (uint32_t lane = 0; lane < by_lane.size(); ++lane) {
    if (by_lane[lane].empty()) continue;
    const LaneKeys keys(job_id_, lane);
    QUERN_ASSIGN_OR_RETURN(const Reply reply,
                           redis_.Run(kRedrive,
                                      {keys.state, keys.filter, keys.persona, keys.generator, keys.verifier,
                                       keys.documents, keys.references, keys.redriven, keys.counts, keys.reasons},
                                      {by_lane[lane].begin(), by_lane[lane].end()}));
    const auto state = static_cast<v1::JobState>(NumberOf(reply.array[0]));
    if (state != v1::JOB_STATE_RUNNING && state != v1::JOB_STATE_PAUSED && state != v1::JOB_STATE_COMPLETED) {
      return MakeError(absl::StatusCode::kFailedPrecondition, "JOB_ENDED", "job " + job_id_ + " is cancelled or gone");
    }
    redriven += static_cast<uint64_t>(reply.array[1].integer);
  }
  QUERN_RETURN_IF_ERROR(redis_.Command({"SADD", kActiveKey, job_id_}).status());
  return redriven;
}

absl::StatusOr<std::vector<bool>> Redriver::Redriven(const std::vector<v1::DeadLetterRow>& letters) {
  if (letters.empty()) return std::vector<bool>();
  std::vector<LaneKeys> keys;
  for (uint32_t lane = 0; lane < LanesOf(spec_); ++lane) keys.emplace_back(job_id_, lane);
  std::vector<std::vector<std::string_view>> commands;
  for (const v1::DeadLetterRow& letter : letters) {
    commands.push_back({"HGET", keys[LaneOf(letter.document_id(), LanesOf(spec_))].redriven, letter.id()});
  }
  QUERN_ASSIGN_OR_RETURN(const std::vector<Reply> replies, redis_.Pipeline(commands));
  std::vector<bool> redriven;
  for (size_t i = 0; i < letters.size(); ++i) {
    if (replies[i].type == Reply::Type::kError) return ErrorOf(replies[i]);
    redriven.push_back(NumberOf(replies[i]) > static_cast<int64_t>(letters[i].generation()));
  }
  return redriven;
}

}  // namespace quern::queue

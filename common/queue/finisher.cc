#include "common/queue/finisher.h"

#include <spdlog/spdlog.h>

#include <deque>

#include "absl/strings/str_format.h"
#include "common/base/error.h"
#include "common/queue/job_pause.h"
#include "common/queue/scripts.h"

namespace quern::queue {
namespace {

bool Releases(const std::vector<Settlement*>& batch) {
  return batch[0]->kind == Settlement::Kind::kHandBack || batch[0]->kind == Settlement::Kind::kPark;
}

std::string_view KindOf(const Settlement& settlement) {
  switch (settlement.kind) {
    case Settlement::Kind::kAdvance:
      return "a";
    case Settlement::Kind::kExpand:
      return "x";
    case Settlement::Kind::kRetry:
      return "r";
    default:
      return "e";
  }
}

ScriptCall ReleaseCall(const std::vector<Settlement*>& batch, std::string_view consumer,
                       std::deque<std::string>* texts) {
  const Lane& lane = *batch[0]->lane;
  ScriptCall call{&kRelease, {lane.keys.stream(lane.stage)}, {kGroup, consumer, kNobody}};
  for (const Settlement* settlement : batch) {
    call.arguments.push_back(settlement->id);
    call.arguments.push_back(texts->emplace_back(absl::StrFormat("%d", settlement->deliveries)));
    const int64_t idle_ms = settlement->kind == Settlement::Kind::kPark ? 0 : kHandedBackIdleMs;
    call.arguments.push_back(texts->emplace_back(absl::StrFormat("%d", idle_ms)));
  }
  return call;
}

ScriptCall FinishCall(const std::vector<Settlement*>& batch, bool cancelled, std::deque<std::string>* texts) {
  const Lane& lane = *batch[0]->lane;
  ScriptCall call{&kFinish,
                  {lane.keys.state, lane.keys.stream(lane.stage), lane.keys.next(lane.stage), lane.keys.results,
                   lane.keys.references, lane.keys.counts},
                  {kGroup, cancelled ? "1" : "0"}};
  for (const Settlement* settlement : batch) {
    call.arguments.push_back(settlement->id);
    call.arguments.push_back(KindOf(*settlement));
    call.arguments.push_back(settlement->item.document_id());
    call.arguments.push_back(texts->emplace_back(absl::StrFormat("%d", settlement->payloads.size())));
    for (const std::string& payload : settlement->payloads) call.arguments.push_back(payload);
  }
  return call;
}

bool IsTransient(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsResourceExhausted(status) || absl::IsUnauthenticated(status);
}

}  // namespace

Finisher::Finisher(RedisOptions redis, std::string consumer)
    : redis_(std::move(redis)), consumer_(std::move(consumer)) {}

absl::Status Finisher::Finish(std::vector<Settlement>& settlements, std::vector<Outcome>* outcomes) {
  outcomes->assign(settlements.size(), Outcome::kRepeat);
  if (settlements.empty()) return absl::OkStatus();
  for (Settlement& settlement : settlements) {
    if (settlement.pause_reason.empty()) continue;
    QUERN_RETURN_IF_ERROR(PauseRunningJob(redis_, *settlement.lane->job, settlement.pause_reason, settlement.began_ms));
    settlement.pause_reason.clear();
  }
  std::vector<Batch> overtaken;
  QUERN_RETURN_IF_ERROR(Send(Batches(settlements), false, settlements.data(), outcomes, &overtaken));
  if (overtaken.empty()) return absl::OkStatus();
  for (const Batch& batch : overtaken) {
    for (Settlement* settlement : batch) TurnIntoCancellation(settlement);
  }
  std::vector<Batch> none;
  return Send(overtaken, true, settlements.data(), outcomes, &none);
}

absl::Status Finisher::Send(const std::vector<Batch>& batches, bool cancelled, const Settlement* first,
                            std::vector<Outcome>* outcomes, std::vector<Batch>* overtaken) {
  std::deque<std::string> texts;
  std::vector<ScriptCall> calls;
  for (const Batch& batch : batches) {
    calls.push_back(Releases(batch) ? ReleaseCall(batch, consumer_, &texts) : FinishCall(batch, cancelled, &texts));
  }
  QUERN_ASSIGN_OR_RETURN(const std::vector<Reply> replies, redis_.RunAll(calls));
  absl::Status status;
  for (size_t i = 0; i < batches.size(); ++i) {
    const auto set = [&](size_t index, Outcome outcome) { (*outcomes)[batches[i][index] - first] = outcome; };
    if (replies[i].type == Reply::Type::kError) {
      status = WithContext(ErrorOf(replies[i]), calls[i].script->name);
      if (IsTransient(status)) continue;
      spdlog::error("queue: Redis refused a batch job={} items={} error=\"{}\"", batches[i][0]->lane->job->id,
                    batches[i].size(), std::string(status.message()));
      for (size_t k = 0; k < batches[i].size(); ++k) set(k, Outcome::kFailed);
      status = absl::OkStatus();
      continue;
    }
    if (Releases(batches[i])) {
      for (size_t k = 0; k < batches[i].size(); ++k) set(k, Outcome::kReleased);
      continue;
    }
    const std::string& won = replies[i].array[1].string;
    if (won.empty() && replies[i].array[0].string != "0") {
      overtaken->push_back(batches[i]);
      continue;
    }
    for (size_t k = 0; k < batches[i].size(); ++k) {
      set(k, k < won.size() && won[k] == '1' ? Outcome::kDone : Outcome::kFenced);
    }
  }
  return status;
}

absl::Status Finisher::Leave(const Lane& lane) {
  return redis_.Run(kLeave, {lane.keys.stream(lane.stage)}, {kGroup, consumer_}).status();
}

}  // namespace quern::queue

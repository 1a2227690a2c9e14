#include "services/pipeline/ingest_session.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "common/base/error.h"
#include "services/pipeline/document_check.h"
#include "services/pipeline/names.h"

namespace quern::pipeline {
namespace {

constexpr size_t kMaxSourceBytes = 512;

absl::Status CheckSource(const std::string& source) {
  if (source.empty() || source.size() > kMaxSourceBytes) {
    return MakeError(absl::StatusCode::kInvalidArgument, "INVALID_SOURCE", "source must be 1 to 512 bytes");
  }
  return absl::OkStatus();
}

absl::Status PositionLost() {
  return MakeError(absl::StatusCode::kUnavailable, "POSITION_LOST",
                   "Redis lost documents that it had accepted; open the source again and resume from its position");
}

}  // namespace

absl::StatusOr<std::unique_ptr<IngestSession>> IngestSession::Open(const queue::RedisOptions& redis, const v1::Job& job,
                                                                   const std::string& source) {
  QUERN_RETURN_IF_ERROR(CheckSource(source));
  QUERN_ASSIGN_OR_RETURN(dataset::InputLimits limits, dataset::ResolveInputSpec(job.spec().input()));
  std::unique_ptr<IngestSession> session(new IngestSession(redis, job, std::move(limits), source));
  QUERN_ASSIGN_OR_RETURN(const uint64_t position, session->ingest_.Position());
  QUERN_ASSIGN_OR_RETURN(const int64_t now_ms, session->clock_.NowMs());
  session->Accepted(position, now_ms);
  return session;
}

IngestSession::IngestSession(const queue::RedisOptions& redis, const v1::Job& job, dataset::InputLimits limits,
                             const std::string& source)
    : limits_(std::move(limits)), ingest_(redis, *JobIdOf(job.name()), job.spec(), source), clock_(redis) {}

absl::Status IngestSession::Take(v1::IngestDocumentsRequest* request) {
  uint64_t last = taken_;
  for (const v1::IngestEntry& entry : request->entries()) {
    if (entry.position() <= last) {
      return MakeError(absl::StatusCode::kInvalidArgument, "POSITIONS_NOT_GROWING",
                       absl::StrFormat("position %d comes after %d; positions grow from 1", entry.position(), last));
    }
    last = entry.position();
  }
  taken_ = last;
  for (v1::IngestEntry& entry : *request->mutable_entries()) {
    if (entry.position() <= accepted_) continue;
    CompleteEntry(limits_, &entry);
    waiting_.push_back(std::move(entry));
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> IngestSession::Store() {
  if (waiting_.empty()) return true;
  const absl::StatusOr<queue::Ingest::Result> stored = ingest_.Store(waiting_);
  if (!stored.ok()) {
    return absl::IsAborted(stored.status()) ? PositionLost() : stored.status();
  }
  Accepted(stored->accepted_position, stored->stored_at_ms);
  const auto still_waits = [this](const v1::IngestEntry& entry) { return entry.position() > accepted_; };
  waiting_.erase(waiting_.begin(), std::find_if(waiting_.begin(), waiting_.end(), still_waits));
  return waiting_.empty();
}

absl::StatusOr<uint64_t> IngestSession::DurablePosition() {
  if (volatile_.empty()) return durable_;
  QUERN_ASSIGN_OR_RETURN(const int64_t until_ms, clock_.DurableUntilMs());
  if (volatile_.front().second >= until_ms) return durable_;
  // A Redis that restarted since calls what it still has durable, and says nothing of what it lost: look.
  QUERN_ASSIGN_OR_RETURN(const uint64_t stored, ingest_.Position());
  if (stored < accepted_) return PositionLost();
  while (!volatile_.empty() && volatile_.front().second < until_ms) {
    durable_ = volatile_.front().first;
    volatile_.pop_front();
  }
  return durable_;
}

void IngestSession::Accepted(uint64_t position, int64_t stored_at_ms) {
  if (position <= accepted_) return;
  accepted_ = position;
  volatile_.emplace_back(position, stored_at_ms);
}

}  // namespace quern::pipeline

#include "services/pipeline/dead_letters.h"

#include <algorithm>
#include <set>
#include <utility>

#include "common/base/error.h"
#include "common/queue/redriver.h"
#include "services/pipeline/names.h"
#include "services/pipeline/row_cursor.h"
#include "services/pipeline/token.h"

namespace quern::pipeline {
namespace {

// Letters carry their documents: what is asked or sent at once is bounded by both.
constexpr size_t kBatchLetters = 100;
constexpr size_t kBatchBytes = 1 << 20;

// The next letters that `wanted` accepts, up to `limit` and kBatchBytes. Empty at the end.
template <class Wanted>
absl::StatusOr<std::vector<v1::DeadLetterRow>> NextBatch(RowCursor& cursor, size_t limit, Wanted wanted) {
  std::vector<v1::DeadLetterRow> batch;
  v1::DeadLetterRow letter;
  for (size_t bytes = 0; batch.size() < limit && bytes < kBatchBytes;) {
    QUERN_ASSIGN_OR_RETURN(const bool read, cursor.Next(&letter));
    if (!read) break;
    if (!wanted(letter)) continue;
    bytes += letter.ByteSizeLong();
    batch.push_back(std::move(letter));
  }
  return batch;
}

}  // namespace

absl::StatusOr<v1::ListDeadLettersResponse> DeadLetters::List(const v1::ListDeadLettersRequest& request) {
  QUERN_ASSIGN_OR_RETURN(const std::string id, JobIdOf(request.name()));
  QUERN_ASSIGN_OR_RETURN(const size_t limit, PageLimit(request.page_size()));
  const std::string scope = "ListDeadLetters " + request.name() + " " + request.reason();
  dataset::RowPosition from;
  if (!request.page_token().empty()) {
    QUERN_ASSIGN_OR_RETURN(const std::string payload, DecodeToken(scope, request.page_token()));
    QUERN_ASSIGN_OR_RETURN(from, PositionFromText(payload));
  }
  QUERN_ASSIGN_OR_RETURN(const v1::Job job, jobs_->Get(request.name()));
  queue::Redriver redriver(jobs_->redis(), id, job.spec());
  RowCursor cursor(jobs_->dataset_path(id), dataset::RowKind::kDeadLetters, from);
  const auto wanted = [&](const v1::DeadLetterRow& letter) {
    return request.reason().empty() || letter.reason() == request.reason();
  };
  v1::ListDeadLettersResponse response;
  while (static_cast<size_t>(response.dead_letters_size()) < limit && response.ByteSizeLong() < kBatchBytes) {
    const size_t room = limit - static_cast<size_t>(response.dead_letters_size());
    QUERN_ASSIGN_OR_RETURN(std::vector<v1::DeadLetterRow> batch,
                           NextBatch(cursor, std::min(room, kBatchLetters), wanted));
    if (batch.empty()) return response;
    QUERN_ASSIGN_OR_RETURN(const std::vector<bool> redriven, redriver.Redriven(batch));
    for (size_t i = 0; i < batch.size(); ++i) {
      if (!redriven[i]) *response.add_dead_letters() = std::move(batch[i]);
    }
  }
  // Where the page ends exactly with the last letter, a page more comes, and it is empty.
  response.set_next_page_token(EncodeToken(scope, PositionToText(cursor.position())));
  return response;
}

absl::StatusOr<v1::RedriveDeadLettersResponse> DeadLetters::Redrive(const v1::RedriveDeadLettersRequest& request) {
  QUERN_ASSIGN_OR_RETURN(const std::string id, JobIdOf(request.name()));
  QUERN_ASSIGN_OR_RETURN(const v1::Job job, jobs_->Get(request.name()));
  if (job.state() == v1::JOB_STATE_CANCELLING || job.state() == v1::JOB_STATE_CANCELLED) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "JOB_ENDED", request.name() + " is cancelled");
  }
  const std::set<std::string> ids(request.ids().begin(), request.ids().end());
  const auto wanted = [&](const v1::DeadLetterRow& letter) {
    return (ids.empty() || ids.contains(letter.id())) &&
           (request.reason().empty() || letter.reason() == request.reason());
  };
  queue::Redriver redriver(jobs_->redis(), id, job.spec());
  RowCursor cursor(jobs_->dataset_path(id), dataset::RowKind::kDeadLetters, {});
  v1::RedriveDeadLettersResponse response;
  bool found = false;
  while (true) {
    QUERN_ASSIGN_OR_RETURN(std::vector<v1::DeadLetterRow> batch, NextBatch(cursor, kBatchLetters, wanted));
    if (batch.empty()) break;
    found = true;
    const size_t all = batch.size();
    std::erase_if(batch, [](const v1::DeadLetterRow& letter) { return !letter.redrivable(); });
    response.set_not_redrivable(response.not_redrivable() + all - batch.size());
    if (batch.empty()) continue;
    QUERN_ASSIGN_OR_RETURN(const uint64_t went, redriver.Redrive(batch));
    response.set_redriven(response.redriven() + went);
    response.set_skipped(response.skipped() + batch.size() - went);
  }
  if (!ids.empty() && !found) {
    return MakeError(absl::StatusCode::kNotFound, "NO_SUCH_DEAD_LETTER",
                     "no dead letter of " + request.name() + " has such an id");
  }
  return response;
}

}  // namespace quern::pipeline

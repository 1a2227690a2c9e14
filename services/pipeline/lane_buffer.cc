#include "services/pipeline/lane_buffer.h"

#include <algorithm>
#include <utility>

#include "common/base/hash.h"
#include "google/protobuf/util/time_util.h"

namespace quern::pipeline {
namespace {

constexpr size_t kMaxReadResults = 512;
constexpr uint64_t kReadBytes = 4 << 20;

}  // namespace

CommitLimits LimitsOf(const v1::JobSpec& resolved) {
  const v1::QueueSpec& queue = resolved.queue();
  const uint64_t lanes = std::max<uint64_t>(queue.lanes(), 1);
  CommitLimits limits;
  limits.documents = std::max<uint64_t>(queue.max_documents_held() / lanes / 2, 1);
  limits.document_bytes = std::max<uint64_t>(queue.max_bytes_held() / lanes / 2, 1);
  limits.row_bytes = std::max<uint64_t>(resolved.output().max_shard_bytes(), 1);
  limits.age =
      absl::Milliseconds(google::protobuf::util::TimeUtil::DurationToMilliseconds(resolved.output().max_shard_age()));
  return limits;
}

void LaneBuffer::Add(absl::Time now, std::vector<queue::Result> results) {
  if (results.empty()) return;
  if (results_.empty()) opened_at_ = now;
  last_id_ = results.back().id;
  for (queue::Result& result : results) {
    const uint64_t text_bytes = result.document == nullptr ? 0 : result.document->text().size();
    row_bytes_ += text_bytes + result.terminal.ByteSizeLong();
    if (result.terminal.end_case() == v1::Terminal::END_NOT_SET) ++records_;
    if (document_hashes_.insert(Hash64(result.terminal.item().document_id())).second) document_bytes_ += text_bytes;
    results_.push_back(std::move(result));
  }
}

void LaneBuffer::Clear() { *this = LaneBuffer(); }

bool LaneBuffer::Full(const CommitLimits& limits) const {
  return document_hashes_.size() >= limits.documents || document_bytes_ >= limits.document_bytes ||
         row_bytes_ >= limits.row_bytes;
}

bool LaneBuffer::Due(const CommitLimits& limits, absl::Time now) const {
  return !empty() && (Full(limits) || now - opened_at_ >= limits.age);
}

size_t LaneBuffer::ReadLimit() const {
  if (results_.empty()) return 64;
  const uint64_t average = std::max<uint64_t>(row_bytes_ / results_.size(), 1);
  return std::clamp<uint64_t>(kReadBytes / average, 1, kMaxReadResults);
}

}  // namespace quern::pipeline

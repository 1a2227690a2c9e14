#include "services/pipeline/lane_buffer.h"

#include <algorithm>

#include "google/protobuf/util/time_util.h"

namespace quern::pipeline {
namespace {

constexpr size_t kMaxReadResults = 512;
constexpr uint64_t kReadBytes = 4 << 20;

service::JobMetrics::End EndOf(const v1::Terminal& terminal) {
  if (terminal.end_case() == v1::Terminal::kRejection) return service::JobMetrics::End::kRejected;
  if (terminal.end_case() == v1::Terminal::kDeath) return service::JobMetrics::End::kDead;
  return service::JobMetrics::End::kRecord;
}

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

void LaneBuffer::Add(const RowContext& context, absl::Time now, const queue::Result& result) {
  const v1::Terminal& terminal = result.terminal;
  const v1::WorkItem& item = terminal.item();
  const uint64_t text_bytes = result.document == nullptr ? 0 : result.document->text().size();
  const size_t referred = tally_.references.size();
  if (empty()) opened_at_ = now;
  tally_.Add(result);
  if (tally_.references.size() > referred) document_bytes_ += text_bytes;
  if (tally_.references.size() > referred || terminal.death().unreadable()) ++documents_;
  row_bytes_ += text_bytes + result.terminal_bytes;
  if (terminal.end_case() == v1::Terminal::END_NOT_SET) ++records_;
  if (item.accepted_ms() != 0 && terminal.end_case() != v1::Terminal::kCancelled) {
    ends_.push_back({EndOf(terminal), absl::FromUnixMillis(item.accepted_ms())});
  }
  if (!terminal.has_death()) return;
  const v1::Death& death = terminal.death();
  dead_letters_.push_back({KeyOf(item), item.document_id(), death.stage(), death.reason(), death.attempts(),
                           death.deliveries(), TraceIdOf(context, item, result.document.get())});
}

void LaneBuffer::Clear() { *this = LaneBuffer(); }

bool LaneBuffer::Full(const CommitLimits& limits) const {
  return documents_ >= limits.documents || document_bytes_ >= limits.document_bytes || row_bytes_ >= limits.row_bytes;
}

bool LaneBuffer::Due(const CommitLimits& limits, absl::Time now) const {
  return !empty() && (Full(limits) || now - opened_at_ >= limits.age);
}

size_t LaneBuffer::ReadLimit() const {
  if (empty()) return 64;
  const uint64_t average = std::max<uint64_t>(row_bytes_ / tally_.results, 1);
  return std::clamp<uint64_t>(kReadBytes / average, 1, kMaxReadResults);
}

}  // namespace quern::pipeline

#pragma once

#include <algorithm>
#include <cstdint>

#include "quern/v1/job.pb.h"

namespace quern::queue {

// A job's QueueSpec with its defaults filled in; job.proto documents them.

inline uint32_t LanesOf(const v1::JobSpec& spec) {
  return spec.queue().has_lanes() ? std::clamp(spec.queue().lanes(), 1u, 64u) : 1;
}
inline uint64_t MaxDocumentsHeldOf(const v1::JobSpec& spec) {
  return spec.queue().has_max_documents_held() ? spec.queue().max_documents_held() : 20'000;
}
inline uint64_t MaxBytesHeldOf(const v1::JobSpec& spec) {
  return spec.queue().has_max_bytes_held() ? spec.queue().max_bytes_held() : 256ull << 20;
}
// At least 4: an entry first runs alone at its fourth delivery, and a crash in company is no evidence against it.
inline uint32_t MaxDeliveriesOf(const v1::JobSpec& spec) {
  return spec.queue().has_max_deliveries() ? std::max(spec.queue().max_deliveries(), 4u) : 5;
}
inline uint32_t MaxAttemptsOf(const v1::JobSpec& spec) {
  return spec.queue().has_max_attempts() ? std::max(spec.queue().max_attempts(), 1u) : 3;
}
inline uint32_t WeightOf(const v1::JobSpec& spec) {
  return spec.queue().has_weight() ? std::clamp(spec.queue().weight(), 1u, 100u) : 1;
}
inline bool DetectsDuplicates(const v1::JobSpec& spec) {
  return !spec.input().has_detect_duplicates() || spec.input().detect_duplicates();
}

}  // namespace quern::queue

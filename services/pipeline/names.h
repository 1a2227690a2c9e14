#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace quern::pipeline {

// The names of the public API. Pure functions.

// OK when `job_id` is 1 to 63 of [a-z0-9-] and begins with a letter; else INVALID_ARGUMENT, reason INVALID_JOB_ID. Ids
// name folders and Redis keys, so nothing else gets past this check.
absl::Status CheckJobId(std::string_view job_id);

// "jobs/{job}".
std::string JobName(std::string_view job_id);

// The id in "jobs/{job}"; INVALID_ARGUMENT, reason INVALID_JOB_NAME.
absl::StatusOr<std::string> JobIdOf(std::string_view name);

// How many things a page holds: 0 means 100, more than 1000 means 1000. INVALID_ARGUMENT, reason INVALID_PAGE_SIZE,
// when negative.
absl::StatusOr<size_t> PageLimit(int32_t page_size);

}  // namespace quern::pipeline

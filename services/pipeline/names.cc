#include "services/pipeline/names.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "common/base/error.h"

namespace quern::pipeline {
namespace {

constexpr std::string_view kJobPrefix = "jobs/";
constexpr size_t kMaxJobIdBytes = 63;
constexpr int32_t kDefaultPageSize = 100;
constexpr int32_t kMaxPageSize = 1000;

bool IsJobId(std::string_view id) {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  return !id.empty() && id.size() <= kMaxJobIdBytes && id.front() >= 'a' && id.front() <= 'z' &&
         std::all_of(id.begin(), id.end(), allowed);
}

}  // namespace

absl::Status CheckJobId(std::string_view job_id) {
  if (IsJobId(job_id)) return absl::OkStatus();
  return MakeError(absl::StatusCode::kInvalidArgument, "INVALID_JOB_ID",
                   "job_id must be 1 to 63 characters of a-z, 0-9 and \"-\" and begin with a letter");
}

std::string JobName(std::string_view job_id) { return absl::StrFormat("%s%s", kJobPrefix, job_id); }

absl::StatusOr<std::string> JobIdOf(std::string_view name) {
  if (name.substr(0, kJobPrefix.size()) == kJobPrefix) {
    const std::string_view id = name.substr(kJobPrefix.size());
    if (IsJobId(id)) return std::string(id);
  }
  return MakeError(absl::StatusCode::kInvalidArgument, "INVALID_JOB_NAME",
                   "a job's name is \"jobs/\" and 1 to 63 characters of a-z, 0-9 and \"-\" that begin with a letter");
}

absl::StatusOr<size_t> PageLimit(int32_t page_size) {
  if (page_size < 0) {
    return MakeError(absl::StatusCode::kInvalidArgument, "INVALID_PAGE_SIZE", "page_size must not be negative");
  }
  return static_cast<size_t>(page_size == 0 ? kDefaultPageSize : std::min(page_size, kMaxPageSize));
}

}  // namespace quern::pipeline

#include "common/base/config/faults.h"

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/base/error.h"

namespace quern::config {

void Faults::Add(std::string_view path, std::string_view message) {
  lines_.push_back(path.empty() ? std::string(message) : absl::StrFormat("%s: %s", path, message));
}

absl::Status Faults::ToStatus(std::string_view reason) const {
  if (lines_.empty()) return absl::OkStatus();
  return MakeError(absl::StatusCode::kInvalidArgument, reason, absl::StrJoin(lines_, "\n"));
}

}  // namespace quern::config

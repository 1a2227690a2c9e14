#include "common/base/error.h"

#include "absl/strings/cord.h"
#include "absl/strings/str_format.h"
#include "common/base/absl_view.h"

namespace quern {
namespace {

constexpr char kReasonUrl[] = "type.quern/reason";

}  // namespace

absl::Status MakeError(absl::StatusCode code, std::string_view reason, std::string_view message) {
  absl::Status status(code, AbslView(message));
  status.SetPayload(kReasonUrl, absl::Cord(AbslView(reason)));
  return status;
}

std::string ErrorReason(const absl::Status& status) {
  const auto payload = status.GetPayload(kReasonUrl);
  return payload ? std::string(*payload) : std::string();
}

absl::Status WithContext(absl::Status status, std::string_view context) {
  if (status.ok()) return status;
  absl::Status result(status.code(), absl::StrFormat("%s: %s", context, status.message()));
  status.ForEachPayload([&](absl::string_view url, const absl::Cord& payload) { result.SetPayload(url, payload); });
  return result;
}

}  // namespace quern

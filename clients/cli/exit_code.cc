#include "clients/cli/exit_code.h"

#include <map>
#include <string>

#include "common/base/error.h"

namespace quern::cli {
namespace {

const std::map<std::string, int>& CodesByReason() {
  static const auto& codes = *new std::map<std::string, int>{
      {"USAGE", config::kExitUsage},
      {"NO_INPUT", config::kExitNoInput},
      {"INVALID_SPEC", config::kExitConfiguration},
      {"INVALID_CONFIG", config::kExitConfiguration},
      {"INVALID_INPUT_SPEC", config::kExitConfiguration},
      {"REDIS_UNSAFE", config::kExitConfiguration},
      {"OPEN_ADDRESS", config::kExitConfiguration},
      {"INVALID_TLS", config::kExitConfiguration},
      {"INVALID_TOKEN", config::kExitConfiguration},
      {"REDIS_IN_USE", config::kExitConfiguration},
      {"OUTPUT_UNUSABLE", config::kExitCannotCreate},
      {"OUTPUT_LOCKED", config::kExitCannotCreate},
      {"OUTPUT_IN_USE", config::kExitCannotCreate},
      {"OUTPUT_NOT_EMPTY", config::kExitCannotCreate},
      {"OUTPUT_NOT_WRITABLE", config::kExitCannotCreate},
      {"OUTPUT_HOLDS_ANOTHER_JOB", config::kExitCannotCreate},
      {"OTHER_JOB", config::kExitCannotCreate},
      {"JOB_EXISTS", config::kExitCannotCreate},
      {"DATASET_EXISTS", config::kExitCannotCreate},
      {"NO_DATASET", config::kExitNoInput},
      {"DISK_FULL", config::kExitCannotCreate},
      {"DISK_FAILED", config::kExitCannotCreate},
      {"SPOOL_FAILED", config::kExitCannotCreate},
      {"INPUT_CHANGED", config::kExitData},
      {"NO_SUCH_FILE", config::kExitNoInput},
      {"NOT_A_PIPELINE", config::kExitUnavailable},
      {"KEY_REFUSED", config::kExitUnavailable},
      {"NO_PERMISSION", config::kExitUnavailable},
      {"QUOTA_EXHAUSTED", config::kExitUnavailable},
      {"MODEL_NOT_FOUND", config::kExitUnavailable},
      {"REDIRECTED", config::kExitUnavailable},
      {"PARAMETER_UNSUPPORTED", config::kExitConfiguration},
      {"BAD_REQUEST", config::kExitData},
      {"CONTEXT_TOO_LONG", config::kExitData},
      {"CONTENT_FILTERED", config::kExitData},
      {"MODEL_REFUSED", config::kExitData},
  };
  return codes;
}

}  // namespace

int ExitCodeFor(const absl::Status& error) {
  const auto by_reason = CodesByReason().find(ErrorReason(error));
  if (by_reason != CodesByReason().end()) return by_reason->second;
  switch (error.code()) {
    case absl::StatusCode::kOk:
      return kExitDone;
    case absl::StatusCode::kInvalidArgument:
      return config::kExitUsage;
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kDataLoss:
    case absl::StatusCode::kOutOfRange:
      return config::kExitData;
    case absl::StatusCode::kAlreadyExists:
      return config::kExitCannotCreate;
    case absl::StatusCode::kUnavailable:
      return config::kExitUnavailable;
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
      return config::kExitNoPermission;
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kDeadlineExceeded:
      return config::kExitTryAgain;
    default:
      return kExitInternal;
  }
}

int ExitCodeFor(const v1::Job& job) {
  switch (job.state()) {
    case v1::JOB_STATE_CANCELLING:
    case v1::JOB_STATE_CANCELLED:
    case v1::JOB_STATE_DELETING:
      return kExitCancelled;
    case v1::JOB_STATE_PAUSED:
      return kExitPaused;
    default:
      return job.counts().documents().dead() + job.counts().items().dead() > 0 ? kExitDoneWithDeadLetters : kExitDone;
  }
}

}  // namespace quern::cli

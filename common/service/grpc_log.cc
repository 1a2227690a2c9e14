#include "common/service/grpc_log.h"

#include <grpc/support/log.h>

#include "common/base/log.h"

namespace quern::service {
namespace {

void LogGrpc(gpr_log_func_args* args) {
  if (args->severity == GPR_LOG_SEVERITY_ERROR) LogWarning("grpc reports an error", {{"detail", args->message}});
}

}  // namespace

void TakeGrpcLog() { gpr_set_log_function(&LogGrpc); }

}  // namespace quern::service

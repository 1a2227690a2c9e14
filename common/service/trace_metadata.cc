#include "common/service/trace_metadata.h"

#include <grpcpp/client_context.h>
#include <grpcpp/server_context.h>

#include <optional>
#include <utility>

namespace quern::service {

TraceContext TraceOfCall(const grpc::CallbackServerContext& context, std::string_view document) {
  std::optional<TraceContext> trace;
  const auto& metadata = context.client_metadata();
  if (metadata.count(kTraceparent) == 1) {
    const grpc::string_ref value = metadata.find(kTraceparent)->second;
    trace = ParseTraceparent(std::string_view(value.data(), value.size()));
  }
  if (!trace) trace = ParseTraceparent(document);
  return trace ? *std::move(trace) : NewTrace();
}

void SetTrace(const TraceContext& trace, grpc::ClientContext* context) {
  context->AddMetadata(kTraceparent, NewTraceparent(trace));
}

}  // namespace quern::service

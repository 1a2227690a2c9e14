#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/support/server_callback.h>

#include <string_view>

#include "common/base/trace_context.h"

namespace quern::service {

// The trace that a call is part of: that of its metadata "traceparent", else that of the document which it brings, else
// a new one. What is not valid, or stands there twice, counts as absent. `document` is a traceparent or "".
TraceContext TraceOfCall(const grpc::CallbackServerContext& context, std::string_view document);

// Makes a call part of a trace, with a span of its own.
void SetTrace(const TraceContext& trace, grpc::ClientContext* context);

}  // namespace quern::service

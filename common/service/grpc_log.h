#pragma once

namespace quern::service {

// Has gRPC's own messages come out as events of ours, errors alone. Idempotent, thread-safe.
void TakeGrpcLog();

}  // namespace quern::service

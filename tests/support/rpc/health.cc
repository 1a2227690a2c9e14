#include "tests/support/rpc/health.h"

#include <grpcpp/client_context.h>
#include <grpcpp/impl/client_unary_call.h>
#include <grpcpp/impl/rpc_method.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/sync_stream.h>

#include <chrono>

namespace quern::testing {

// Debian ships no stubs for the health service; its messages are small enough to be written by hand: the request holds
// the name as field 1, the response the status as field 1 (1 is SERVING, 2 is NOT_SERVING).
Health HealthOf(const std::shared_ptr<grpc::Channel>& channel, const std::string& service) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  context.set_wait_for_ready(true);
  std::string bytes;
  if (!service.empty()) bytes = "\n" + std::string(1, static_cast<char>(service.size())) + service;
  const grpc::Slice slice(bytes);
  const grpc::ByteBuffer request(&slice, 1);
  grpc::ByteBuffer response;
  const grpc::internal::RpcMethod method("/grpc.health.v1.Health/Check", grpc::internal::RpcMethod::NORMAL_RPC);
  const grpc::Status status = grpc::internal::BlockingUnaryCall<grpc::ByteBuffer, grpc::ByteBuffer>(
      channel.get(), method, &context, request, &response);
  if (status.error_code() == grpc::StatusCode::NOT_FOUND) return Health::kUnknownService;
  if (!status.ok()) return Health::kUnreachable;
  grpc::Slice answer;
  if (!response.DumpToSingleSlice(&answer).ok() || answer.size() != 2) return Health::kUnreachable;
  return answer.begin()[1] == 1 ? Health::kServing : Health::kNotServing;
}

struct HealthWatcher::Parts {
  grpc::ClientContext context;
  grpc::internal::RpcMethod method{"/grpc.health.v1.Health/Watch", grpc::internal::RpcMethod::SERVER_STREAMING};
  std::unique_ptr<grpc::ClientReader<grpc::ByteBuffer>> reader;
};

HealthWatcher::HealthWatcher(const std::shared_ptr<grpc::Channel>& channel) : parts_(std::make_unique<Parts>()) {
  const grpc::Slice empty;
  const grpc::ByteBuffer request(&empty, 1);
  parts_->reader.reset(grpc::internal::ClientReaderFactory<grpc::ByteBuffer>::Create(channel.get(), parts_->method,
                                                                                     &parts_->context, request));
  grpc::ByteBuffer response;
  answered_ = parts_->reader->Read(&response);
}

HealthWatcher::~HealthWatcher() {
  parts_->context.TryCancel();
  parts_->reader->Finish();
}

}  // namespace quern::testing

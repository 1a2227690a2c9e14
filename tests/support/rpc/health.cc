#include "tests/support/rpc/health.h"

#include <grpcpp/client_context.h>

#include <chrono>

#include "grpc/health/v1/health.grpc.pb.h"

namespace quern::testing {

namespace health = grpc::health::v1;

Health HealthOf(const std::shared_ptr<grpc::Channel>& channel, const std::string& service) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  context.set_wait_for_ready(true);
  health::HealthCheckRequest request;
  request.set_service(service);
  health::HealthCheckResponse response;
  const grpc::Status status = health::Health::NewStub(channel)->Check(&context, request, &response);
  if (status.error_code() == grpc::StatusCode::NOT_FOUND) return Health::kUnknownService;
  if (!status.ok()) return Health::kUnreachable;
  return response.status() == health::HealthCheckResponse::SERVING ? Health::kServing : Health::kNotServing;
}

struct HealthWatcher::Parts {
  std::unique_ptr<health::Health::Stub> stub;
  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientReader<health::HealthCheckResponse>> reader;
};

HealthWatcher::HealthWatcher(const std::shared_ptr<grpc::Channel>& channel) : parts_(std::make_unique<Parts>()) {
  parts_->stub = health::Health::NewStub(channel);
  parts_->reader = parts_->stub->Watch(&parts_->context, {});
  health::HealthCheckResponse response;
  answered_ = parts_->reader->Read(&response);
}

HealthWatcher::~HealthWatcher() {
  parts_->context.TryCancel();
  parts_->reader->Finish();
}

}  // namespace quern::testing

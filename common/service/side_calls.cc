#include "common/service/side_calls.h"

#include <grpcpp/server_context.h>
#include <grpcpp/support/interceptor.h>

#include <string_view>

namespace quern::service {

// Keeps its call in the set for as long as it lives.
class SideCall : public grpc::experimental::Interceptor {
 public:
  SideCall(std::shared_ptr<SideCalls::Open> open, grpc::ServerContextBase* context)
      : open_(std::move(open)), context_(context) {
    absl::MutexLock lock(&open_->mutex);
    open_->contexts.insert(context_);
  }

  // Waits for a cancellation that uses the context.
  ~SideCall() override {
    absl::MutexLock lock(&open_->mutex);
    open_->contexts.erase(context_);
  }

  void Intercept(grpc::experimental::InterceptorBatchMethods* methods) override { methods->Proceed(); }

 private:
  const std::shared_ptr<SideCalls::Open> open_;
  grpc::ServerContextBase* const context_;
};

grpc::experimental::Interceptor* SideCalls::CreateServerInterceptor(grpc::experimental::ServerRpcInfo* info) {
  if (std::string_view(info->method()).starts_with("/quern.")) return nullptr;
  return new SideCall(open_, info->server_context());
}

void SideCalls::CancelAll() {
  absl::MutexLock lock(&open_->mutex);
  for (grpc::ServerContextBase* context : open_->contexts) context->TryCancel();
}

}  // namespace quern::service

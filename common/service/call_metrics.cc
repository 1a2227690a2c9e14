#include "common/service/call_metrics.h"

#include <grpcpp/support/interceptor.h>
#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/clock.h"

namespace quern::service {
namespace {

constexpr std::string_view kOwnMethods = "/quern.";

// Lives as long as its call.
class CallInterceptor : public grpc::experimental::Interceptor {
 public:
  CallInterceptor(std::string method, prometheus::Family<prometheus::Counter>* handled, prometheus::Histogram* duration)
      : method_(std::move(method)), handled_(handled), duration_(duration) {}

  ~CallInterceptor() override {
    duration_->Observe(absl::ToDoubleSeconds(absl::Now() - begin_));
    handled_->Add({{"method", method_}, {"code", absl::StatusCodeToString(code_)}}).Increment();
  }

  void Intercept(grpc::experimental::InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(grpc::experimental::InterceptionHookPoints::PRE_SEND_STATUS)) {
      code_ = static_cast<absl::StatusCode>(methods->GetSendStatus().error_code());
    }
    methods->Proceed();
  }

 private:
  const std::string method_;
  prometheus::Family<prometheus::Counter>* const handled_;
  prometheus::Histogram* const duration_;
  const absl::Time begin_ = absl::Now();
  absl::StatusCode code_ = absl::StatusCode::kCancelled;
};

}  // namespace

CallMetrics::CallMetrics(Metrics* metrics)
    : started_(&prometheus::BuildCounter()
                    .Name("quern_grpc_server_started_total")
                    .Help("Calls that began.")
                    .Register(metrics->registry())),
      handled_(&prometheus::BuildCounter()
                    .Name("quern_grpc_server_handled_total")
                    .Help("Calls that ended, by their status code.")
                    .Register(metrics->registry())),
      duration_(&prometheus::BuildHistogram()
                     .Name("quern_grpc_server_duration_seconds")
                     .Help("Time from a call's begin to its end.")
                     .Register(metrics->registry())) {}

grpc::experimental::Interceptor* CallMetrics::CreateServerInterceptor(grpc::experimental::ServerRpcInfo* info) {
  const std::string_view path(info->method());
  if (!path.starts_with(kOwnMethods)) return nullptr;
  // "/quern.v1.FilterService/FilterDocument" is FilterDocument: method names are unique among the services.
  const std::string method(path.substr(path.rfind('/') + 1));
  started_->Add({{"method", method}}).Increment();
  return new CallInterceptor(
      method, handled_,
      &duration_->Add({{"method", method}},
                      prometheus::Histogram::BucketBoundaries{0.001, 0.01, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 600}));
}

}  // namespace quern::service

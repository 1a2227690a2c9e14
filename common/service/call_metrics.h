#pragma once

#include <grpcpp/support/server_interceptor.h>

#include "common/service/metrics.h"

namespace prometheus {
class Counter;
class Histogram;
template <typename T>
class Family;
}  // namespace prometheus

namespace quern::service {

// Counts Quern's own RPCs (not health and reflection): grpc_server_started_total, grpc_server_handled_total{code} and
// grpc_server_duration_seconds, by method. A call that its client left is handled with code CANCELLED. Thread-safe.
class CallMetrics : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  // `metrics` outlives it.
  explicit CallMetrics(Metrics* metrics);

  grpc::experimental::Interceptor* CreateServerInterceptor(grpc::experimental::ServerRpcInfo* info) override;

 private:
  prometheus::Family<prometheus::Counter>* started_;
  prometheus::Family<prometheus::Counter>* handled_;
  prometheus::Family<prometheus::Histogram>* duration_;
};

}  // namespace quern::service

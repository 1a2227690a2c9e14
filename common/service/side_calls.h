#pragma once

#include <grpcpp/support/server_interceptor.h>

#include <memory>
#include <set>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace quern::service {

// The calls under way that are none of Quern's own: watchers of the health service and readers of reflection, which may
// stay for ever. A drain cancels them, else each would hold it for its whole grace. Thread-safe.
class SideCalls : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  SideCalls() : open_(std::make_shared<Open>()) {}

  grpc::experimental::Interceptor* CreateServerInterceptor(grpc::experimental::ServerRpcInfo* info) override;

  // Calls that begin later are not affected: a server that shuts down takes none.
  void CancelAll();

 private:
  friend class SideCall;

  // Shared with the calls, which may end after their server has dropped this factory.
  struct Open {
    absl::Mutex mutex;
    std::set<grpc::ServerContextBase*> contexts ABSL_GUARDED_BY(mutex);
  };

  const std::shared_ptr<Open> open_;
};

}  // namespace quern::service

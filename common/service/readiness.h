#pragma once

#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "common/queue/redis.h"
#include "common/service/server.h"

namespace quern::service {

// Tells orchestrators whether a process can take work: its health service says SERVING while Redis answers and is safe
// to keep work in, else NOT_SERVING. Looks every second and logs what changes. Thread-safe.
class Readiness {
 public:
  // `server` outlives it.
  Readiness(queue::RedisOptions redis, Server* server);
  // Leaves the server NOT_SERVING.
  ~Readiness();

 private:
  void Work();
  void Tell(const absl::Status& redis);

  const bool allow_unsafe_;
  queue::Redis redis_;
  Server* const server_;
  // As it was told last.
  absl::Status told_;
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace quern::service

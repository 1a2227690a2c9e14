#pragma once

#include <map>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/llm/hub.h"
#include "common/queue/redis.h"

namespace quern::stage {

// Looks once a second which endpoints of a process do not answer, and tells the log when that changes, and Redis for
// those who ask about a job. Owns a thread and a connection.
class EndpointWatch {
 public:
  // `hub` outlives it.
  EndpointWatch(const queue::RedisOptions& redis, const llm::Hub* hub);
  ~EndpointWatch();
  EndpointWatch(const EndpointWatch&) = delete;
  EndpointWatch& operator=(const EndpointWatch&) = delete;

 private:
  void Work();
  void Look();

  const llm::Hub* const hub_;
  // The thread's own: those that were down when it looked last.
  std::map<std::string, std::string> down_;
  queue::Redis redis_;
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace quern::stage

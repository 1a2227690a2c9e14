#pragma once

#include <map>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/llm/hub.h"
#include "common/queue/redis.h"

namespace quern::stage {

// Looks after a process' hub once a second: which endpoints do not answer it tells the log when that changes, and Redis
// for those who ask about a job; documents' frames that nobody has asked for in a while are given up. Owns a thread and
// a connection.
class HubWatch {
 public:
  // `hub` outlives it.
  HubWatch(const queue::RedisOptions& redis, llm::Hub* hub);
  ~HubWatch();
  HubWatch(const HubWatch&) = delete;
  HubWatch& operator=(const HubWatch&) = delete;

 private:
  void Work();
  void LookAtEndpoints();

  llm::Hub* const hub_;
  // The thread's own: those that were down when it looked last.
  std::map<std::string, std::string> down_;
  queue::Redis redis_;
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace quern::stage

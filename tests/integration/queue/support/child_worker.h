#pragma once

#include <sys/types.h>

#include <string>

#include "absl/time/time.h"

namespace quern::testing {

// A queue_test_worker process. It ends with the test.
class ChildWorker {
 public:
  ChildWorker(const std::string& url, const std::string& name, absl::Duration delay);
  ~ChildWorker();
  ChildWorker(const ChildWorker&) = delete;
  ChildWorker& operator=(const ChildWorker&) = delete;

  // SIGKILL; returns when it is gone.
  void Kill();
  void Suspend();
  void Resume();
  // How many deliveries it has begun to work on. Not thread-safe.
  int Begun();
  // Whether it has ended by itself, by a crash for example.
  bool HasEnded();

 private:
  pid_t pid_ = 0;
  // The end of a pipe to read from; the worker writes a byte for each delivery.
  int begun_pipe_ = -1;
  int begun_ = 0;
};

}  // namespace quern::testing

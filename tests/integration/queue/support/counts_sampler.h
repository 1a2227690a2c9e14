#pragma once

#include <atomic>
#include <string>
#include <thread>

namespace quern::testing {

// Reads a job's counts again and again on a thread of its own, and fails the test when an equation does not hold. A
// Redis that is away is waited for.
class CountsSampler {
 public:
  CountsSampler(const std::string& url, const std::string& job);
  // Fails the test when nothing was ever sampled.
  ~CountsSampler();

 private:
  std::atomic<bool> ended_ = false;
  std::atomic<int> samples_ = 0;
  std::thread thread_;
};

}  // namespace quern::testing

#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace quern::testing {

// A program under test, run as a process of its own. It is killed when the test ends, however that ends. Any failure to
// start it ends the test program with a message. Thread-compatible.
class ChildProcess {
 public:
  // Starts `words[0]` (a program of build/bin without a "/", or a path). `environment` adds NAME=VALUE to this
  // process's own.
  explicit ChildProcess(const std::vector<std::string>& words, const std::vector<std::string>& environment = {});
  // Kills it and waits for it.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }
  void Signal(int number) const;

  // Its exit code, or 128 + the signal that ended it. Nullopt when it still runs after `timeout`.
  std::optional<int> Wait(absl::Duration timeout);

  // What it wrote so far.
  std::string Stdout() const;
  std::string Stderr() const;

  // Waits up to `timeout` until stderr holds `text`; false when it does not, or when the process ended without it.
  bool WaitForStderr(const std::string& text, absl::Duration timeout);

 private:
  std::string folder_;
  pid_t pid_ = 0;
  std::optional<int> code_;
};

// Folder of the programs under test: that of the test program itself.
std::string ProgramFolder();

}  // namespace quern::testing

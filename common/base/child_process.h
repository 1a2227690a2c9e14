#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace quern {

// A program to start so that it never outlives the thread that starts it.
struct ChildOptions {
  // Path of the program.
  std::string program;
  // Its arguments, without its own name.
  std::vector<std::string> arguments;
  // Folder that it runs in.
  std::string folder;
  // File descriptor that it inherits, besides stderr and an empty stdin; -1 for none.
  int inherit = -1;
  // File that stdout and stderr are appended to.
  std::string output;
};

// Starts a program in a session of its own, so that Ctrl-C in a terminal does not reach it, with no signal blocked, and
// with SIGTERM for it when the calling thread ends. UNAVAILABLE: it could not be started. Exits with 127 when
// the program itself cannot be run.
absl::StatusOr<pid_t> StartChild(const ChildOptions& options);

// Waits until `child` has ended; its exit code, or 128 + the signal that ended it.
int WaitForChild(pid_t child);

// Where `program` is: in PATH, /usr/bin or /usr/local/bin; "" when nowhere.
std::string FindProgram(const std::string& program);

}  // namespace quern

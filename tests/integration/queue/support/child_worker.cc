#include "tests/integration/queue/support/child_worker.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace quern::testing {

ChildWorker::ChildWorker(const std::string& url, const std::string& name, absl::Duration delay) {
  const std::string milliseconds = std::to_string(absl::ToInt64Milliseconds(delay));
  pid_ = fork();
  if (pid_ < 0) std::abort();
  if (pid_ != 0) return;
  // An aborted worker is what a test wants to see, not its core.
  if (std::freopen("/dev/null", "w", stderr) == nullptr) _exit(126);
  execl(QUEUE_TEST_WORKER, "queue_test_worker", url.c_str(), name.c_str(), milliseconds.c_str(), nullptr);
  _exit(127);
}

ChildWorker::~ChildWorker() {
  if (pid_ != 0) Kill();
}

void ChildWorker::Kill() {
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

void ChildWorker::Suspend() { kill(pid_, SIGSTOP); }
void ChildWorker::Resume() { kill(pid_, SIGCONT); }

bool ChildWorker::HasEnded() {
  if (pid_ != 0 && waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = 0;
  return pid_ == 0;
}

}  // namespace quern::testing

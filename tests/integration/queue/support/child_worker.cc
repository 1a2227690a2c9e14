#include "tests/integration/queue/support/child_worker.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace quern::testing {

ChildWorker::ChildWorker(const std::string& url, const std::string& name, absl::Duration delay) {
  const std::string milliseconds = std::to_string(absl::ToInt64Milliseconds(delay));
  // A worker whose pipe nobody reads goes on.
  int pipe_ends[2];
  if (pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK) != 0) std::abort();
  pid_ = fork();
  if (pid_ < 0) std::abort();
  if (pid_ != 0) {
    close(pipe_ends[1]);
    begun_pipe_ = pipe_ends[0];
    return;
  }
  if (dup2(pipe_ends[1], STDOUT_FILENO) < 0) _exit(126);
  // An aborted worker is what a test wants to see, not its core.
  if (std::freopen("/dev/null", "w", stderr) == nullptr) _exit(126);
  execl(QUEUE_TEST_WORKER, "queue_test_worker", url.c_str(), name.c_str(), milliseconds.c_str(), nullptr);
  _exit(127);
}

ChildWorker::~ChildWorker() {
  if (pid_ != 0) Kill();
  close(begun_pipe_);
}

void ChildWorker::Kill() {
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

void ChildWorker::Suspend() { kill(pid_, SIGSTOP); }
void ChildWorker::Resume() { kill(pid_, SIGCONT); }

int ChildWorker::Begun() {
  char bytes[256];
  for (ssize_t size = 0; (size = read(begun_pipe_, bytes, sizeof(bytes))) > 0;) begun_ += static_cast<int>(size);
  return begun_;
}

bool ChildWorker::HasEnded() {
  if (pid_ != 0 && waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = 0;
  return pid_ == 0;
}

}  // namespace quern::testing

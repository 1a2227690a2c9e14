#include "common/base/child_process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "absl/strings/str_split.h"
#include "common/base/error.h"

namespace quern {
namespace {

constexpr int kCannotRun = 127;

// What happens between fork and exec: only calls that are safe in the child of a process with threads.
[[noreturn]] void BecomeProgram(const ChildOptions& options, char* const* arguments, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  // The parent may have ended before prctl.
  if (getppid() != parent) _exit(kCannotRun);
  setsid();
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
  if (chdir(options.folder.c_str()) != 0) _exit(kCannotRun);
  const int in = open("/dev/null", O_RDONLY);
  const int out = open(options.output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (in < 0 || out < 0 || dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 || dup2(out, STDERR_FILENO) < 0) {
    _exit(kCannotRun);
  }
  if (options.inherit >= 0) fcntl(options.inherit, F_SETFD, 0);
  execv(options.program.c_str(), arguments);
  _exit(kCannotRun);
}

}  // namespace

absl::StatusOr<pid_t> StartChild(const ChildOptions& options) {
  std::vector<char*> arguments = {const_cast<char*>(options.program.c_str())};
  for (const std::string& argument : options.arguments) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) BecomeProgram(options, arguments.data(), parent);
  if (pid < 0) {
    return MakeError(absl::StatusCode::kUnavailable, "NO_PROCESS",
                     "cannot start " + options.program + ": " + std::strerror(errno));
  }
  return pid;
}

int WaitForChild(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

std::string FindProgram(const std::string& program) {
  const char* path = std::getenv("PATH");
  std::string folders = path == nullptr ? "" : path;
  folders += ":/usr/bin:/usr/local/bin";
  for (const std::string& folder : std::vector<std::string>(absl::StrSplit(folders, ':', absl::SkipEmpty()))) {
    const std::string candidate = folder + "/" + program;
    if (access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return "";
}

}  // namespace quern

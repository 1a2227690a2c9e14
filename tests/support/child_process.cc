#include "tests/support/child_process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/time/clock.h"

namespace quern::testing {
namespace {

constexpr absl::Duration kPoll = absl::Milliseconds(5);

[[noreturn]] void Die(const char* what) {
  std::perror(what);
  std::abort();
}

std::string ReadAll(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// In the child: only async-signal-safe calls.
[[noreturn]] void Become(const char* program, char* const* words, char* const* environment, const char* out,
                         const char* err) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const int out_file = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  const int err_file = open(err, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (out_file < 0 || err_file < 0 || dup2(out_file, 1) < 0 || dup2(err_file, 2) < 0) _exit(126);
  execve(program, words, environment);
  _exit(127);
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& s : strings) pointers.push_back(s.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

std::string ProgramFolder() { return std::filesystem::read_symlink("/proc/self/exe").parent_path().string(); }

ChildProcess::ChildProcess(const std::vector<std::string>& words, const std::vector<std::string>& environment) {
  std::string pattern = (std::filesystem::temp_directory_path() / "quern-child-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) Die("mkdtemp");
  folder_ = pattern;
  std::vector<std::string> arguments = words;
  const bool is_path = words[0].find('/') != std::string::npos;
  const std::string program = is_path ? words[0] : ProgramFolder() + "/" + words[0];
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) variables.emplace_back(*variable);
  variables.insert(variables.end(), environment.begin(), environment.end());
  const std::vector<char*> argument_pointers = Pointers(arguments);
  const std::vector<char*> variable_pointers = Pointers(variables);
  const std::string out = folder_ + "/stdout";
  const std::string err = folder_ + "/stderr";
  pid_ = fork();
  if (pid_ < 0) Die("fork");
  if (pid_ == 0) {
    Become(program.c_str(), argument_pointers.data(), variable_pointers.data(), out.c_str(), err.c_str());
  }
}

ChildProcess::~ChildProcess() {
  if (!code_) {
    Signal(SIGKILL);
    Wait(absl::InfiniteDuration());
  }
  std::error_code error;
  std::filesystem::remove_all(folder_, error);
}

void ChildProcess::Signal(int number) const {
  if (!code_) kill(pid_, number);
}

std::optional<int> ChildProcess::Wait(absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  while (!code_) {
    int status = 0;
    if (waitpid(pid_, &status, WNOHANG) == pid_) {
      code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    } else if (absl::Now() > deadline) {
      return std::nullopt;
    } else {
      absl::SleepFor(kPoll);
    }
  }
  return code_;
}

std::string ChildProcess::Stdout() const { return ReadAll(folder_ + "/stdout"); }
std::string ChildProcess::Stderr() const { return ReadAll(folder_ + "/stderr"); }

bool ChildProcess::WaitForStderr(const std::string& text, absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  while (true) {
    // Asked before reading, so that what it wrote last is still seen.
    const bool ended = Wait(absl::ZeroDuration()).has_value();
    if (Stderr().find(text) != std::string::npos) return true;
    if (ended || absl::Now() > deadline) return false;
    absl::SleepFor(kPoll);
  }
}

}  // namespace quern::testing

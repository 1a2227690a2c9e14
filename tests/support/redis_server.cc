#include "tests/support/redis_server.h"

#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "common/queue/append_only_log.h"

namespace quern::testing {
namespace {

constexpr auto kStartTimeout = std::chrono::seconds(20);
constexpr auto kPollInterval = std::chrono::milliseconds(5);

[[noreturn]] void Fail(const std::string& what) {
  std::fprintf(stderr, "RedisServer: %s\n", what.c_str());
  std::abort();
}

// True when a server on `socket` answers PING with PONG, and not with LOADING.
bool Answers(const std::string& socket) {
  redisContext* context = redisConnectUnix(socket.c_str());
  if (context == nullptr) return false;
  bool pong = false;
  if (context->err == 0) {
    auto* reply = static_cast<redisReply*>(redisCommand(context, "PING"));
    const std::string text = reply != nullptr && reply->str != nullptr ? reply->str : "";
    // One with a password answers, too.
    pong = text == "PONG" || text.rfind("NOAUTH", 0) == 0;
    if (reply != nullptr) freeReplyObject(reply);
  }
  redisFree(context);
  return pong;
}

}  // namespace

RedisServer::RedisServer(std::vector<std::string> arguments) : arguments_(std::move(arguments)) {
  signal(SIGPIPE, SIG_IGN);
  char folder[] = "/tmp/qrXXXXXX";
  if (mkdtemp(folder) == nullptr) Fail("no temporary folder");
  folder_ = folder;
  socket_ = folder_ + "/s";
  Start();
}

RedisServer::~RedisServer() {
  if (pid_ != 0) Kill();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::string RedisServer::url() const { return "unix://" + socket_; }

void RedisServer::Start() {
  const absl::StatusOr<uint64_t> repaired = queue::RepairAppendOnlyLog(folder_);
  if (!repaired.ok()) Fail(repaired.status().ToString());
  std::vector<std::string> command = {"redis-server", "--port", "0", "--unixsocket", socket_, "--dir", folder_,
                                      "--save", "", "--appendonly", "yes", "--appendfsync", "everysec", "--daemonize",
                                      "no", "--logfile", folder_ + "/log", "--aof-load-truncated", "no",
                                      // As the private Redis of `quern run` has it.
                                      "--auto-aof-rewrite-min-size", "256mb", "--stream-node-max-bytes", "4096"};
  command.insert(command.end(), arguments_.begin(), arguments_.end());
  std::vector<char*> argv;
  for (std::string& argument : command) argv.push_back(argument.data());
  argv.push_back(nullptr);
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ < 0) Fail("fork failed");
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    execvp(argv[0], argv.data());
    _exit(127);
  }
  WaitUntilItAnswers();
}

void RedisServer::WaitUntilItAnswers() const {
  const auto deadline = std::chrono::steady_clock::now() + kStartTimeout;
  while (!Answers(socket_)) {
    if (waitpid(pid_, nullptr, WNOHANG) == pid_) Fail("redis-server ended at its start; is it installed?");
    if (std::chrono::steady_clock::now() > deadline) Fail("redis-server does not answer");
    std::this_thread::sleep_for(kPollInterval);
  }
}

void RedisServer::Kill() {
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

void RedisServer::Suspend() { kill(pid_, SIGSTOP); }
void RedisServer::Resume() { kill(pid_, SIGCONT); }

std::string RedisServer::AppendOnlyFile() const {
  std::string newest;
  int highest = -1;
  for (const auto& entry : std::filesystem::directory_iterator(folder_ + "/appendonlydir")) {
    const std::string name = entry.path().filename();
    int number = -1;
    if (name.size() > 9 && name.substr(name.size() - 9) == ".incr.aof" &&
        std::sscanf(name.c_str(), "appendonly.aof.%d", &number) == 1 && number > highest) {
      highest = number;
      newest = entry.path();
    }
  }
  if (newest.empty()) Fail("no append-only file");
  return newest;
}

uint64_t RedisServer::CutAppendOnlyFile(uint64_t bytes) {
  if (pid_ != 0) Fail("kill the server before cutting its file");
  const std::string file = AppendOnlyFile();
  const uint64_t size = std::filesystem::file_size(file);
  const uint64_t cut = std::min(bytes, size);
  std::filesystem::resize_file(file, size - cut);
  return cut;
}

uint64_t RedisServer::AppendOnlyFileBytes() const { return std::filesystem::file_size(AppendOnlyFile()); }

double RedisServer::CpuSeconds() const {
  std::ifstream file("/proc/" + std::to_string(pid_) + "/stat");
  std::string line;
  std::getline(file, line);
  // Fields 14 and 15 (utime, stime) of proc(5), counted after the command's closing parenthesis (field 2).
  std::istringstream fields(line.substr(line.rfind(')') + 2));
  std::string skipped;
  for (int field = 3; field < 14; ++field) fields >> skipped;
  double user = 0, system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace quern::testing

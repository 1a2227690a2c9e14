#include "clients/cli/private_redis.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "clients/cli/backoff.h"
#include "common/base/child_process.h"
#include "common/base/error.h"
#include "common/base/file_lock.h"
#include "common/base/log.h"
#include "common/queue/append_only_log.h"
#include "common/queue/redis.h"

namespace quern::cli {
namespace {

constexpr absl::Duration kEarlierServer = absl::Seconds(30);
constexpr absl::Duration kEndGrace = absl::Seconds(30);
constexpr absl::Duration kServerPoll = absl::Milliseconds(10);
constexpr int kMaxRestarts = 5;
constexpr size_t kLogEndBytes = 600;
// sockaddr_un.sun_path with its final zero.
constexpr size_t kMaxSocketPath = 107;
constexpr char kSocketName[] = "redis.sock";
constexpr char kLogName[] = "redis.log";
// In the server's folder: names the folder of the socket, so that the next run can remove what a kill left.
constexpr char kSocketLink[] = "socket-folder";

std::vector<std::string> Arguments(const std::string& socket) {
  return {"--port", "0", "--unixsocket", socket, "--unixsocketperm", "700", "--databases", "1", "--dir",
          ".",  //
                // All that is written reaches the file at once and the disk within a second; the file is rewritten when
                // it has grown to twice its size after the last rewrite.
          // RepairAppendOnlyLog has seen to a torn end: Redis' own way leaves half a transaction behind.
          "--appendonly", "yes", "--aof-load-truncated", "no", "--appendfsync", "everysec",
          "--auto-aof-rewrite-percentage", "100", "--auto-aof-rewrite-min-size", "256mb", "--save", "",
          "--maxmemory-policy", "noeviction",
          // Larger stream nodes keep the memory of deleted entries.
          "--stream-node-max-bytes", "4096",
          // Documents are compressed already.
          "--rdbcompression", "no", "--daemonize", "no", "--loglevel", "notice"};
}

std::string SocketParent() {
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  if (runtime != nullptr && std::strlen(runtime) + sizeof("/quern-XXXXXX/redis.sock") < kMaxSocketPath &&
      access(runtime, W_OK) == 0) {
    return runtime;
  }
  return "/tmp";
}

absl::Status Unusable(const std::string& path, const std::string& why) {
  return MakeError(absl::StatusCode::kFailedPrecondition, "OUTPUT_UNUSABLE",
                   absl::StrCat("cannot write ", path, ": ", why));
}

}  // namespace

absl::StatusOr<std::unique_ptr<PrivateRedis>> PrivateRedis::Start(const std::string& folder, std::stop_token stop) {
  std::string program = FindProgram("redis-server");
  if (program.empty()) {
    return MakeError(absl::StatusCode::kUnavailable, "REDIS_MISSING",
                     "redis-server is not installed; install it (apt-get install redis-server) or name a running "
                     "Redis with --redis URL");
  }
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return Unusable(folder, error.message());
  std::unique_ptr<PrivateRedis> redis(new PrivateRedis(folder, std::move(program)));
  {
    // What an earlier run left is gone once nobody holds the lock.
    const absl::StatusOr<FileLock> lock = FileLock::Acquire(folder + "/lock", kEarlierServer);
    if (!lock.ok() && absl::IsAborted(lock.status())) {
      return MakeError(absl::StatusCode::kUnavailable, "REDIS_BUSY",
                       "the redis-server of an earlier run still works in " + folder + "; try again");
    }
    QUERN_RETURN_IF_ERROR(lock.status());
    QUERN_RETURN_IF_ERROR(redis->CreateSocketFolder());
  }
  redis->supervisor_ = std::thread([raw = redis.get()] { raw->Supervise(); });
  QUERN_RETURN_IF_ERROR(redis->WaitUntilItAnswers(std::move(stop)));
  return redis;
}

PrivateRedis::PrivateRedis(std::string folder, std::string program)
    : folder_(std::move(folder)), program_(std::move(program)) {}

PrivateRedis::~PrivateRedis() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    if (pid_ > 0) kill(pid_, SIGTERM);
  }
  changed_.notify_all();
  if (supervisor_.joinable()) supervisor_.join();
  std::error_code ignored;
  if (!socket_folder_.empty()) std::filesystem::remove_all(socket_folder_, ignored);
  std::filesystem::remove(std::filesystem::path(folder_) / kSocketLink, ignored);
}

absl::Status PrivateRedis::CreateSocketFolder() {
  const std::filesystem::path link = std::filesystem::path(folder_) / kSocketLink;
  std::error_code error;
  const std::filesystem::path stale = std::filesystem::read_symlink(link, error);
  if (!error && stale.filename().string().rfind("quern-", 0) == 0) std::filesystem::remove_all(stale, error);
  std::filesystem::remove(link, error);
  std::string pattern = SocketParent() + "/quern-XXXXXX";
  if (mkdtemp(pattern.data()) == nullptr) return Unusable(pattern, std::strerror(errno));
  socket_folder_ = pattern;
  url_ = "unix://" + socket_folder_ + "/" + kSocketName;
  std::filesystem::create_directory_symlink(socket_folder_, link, error);
  return error ? Unusable(link.string(), error.message()) : absl::OkStatus();
}

// Invariant: while this thread lives, at most one server runs, and pid_ names it.
void PrivateRedis::Supervise() {
  for (int starts = 0;; ++starts) {
    absl::StatusOr<pid_t> pid = absl::CancelledError();
    {
      // The lock travels to the server with its descriptor and ends here; so it tells that a server lives.
      const absl::StatusOr<FileLock> held = FileLock::Acquire(folder_ + "/lock", kEarlierServer);
      const absl::StatusOr<uint64_t> cut = held.ok() ? queue::RepairAppendOnlyLog(folder_) : held.status();
      if (cut.ok() && *cut > 0) {
        LogWarning("cut a torn transaction off the end of Redis' log; its work is repeated", {{"bytes", *cut}});
      }
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
      if (cut.ok()) {
        pid = StartChild(
            {program_, Arguments(socket_folder_ + "/" + kSocketName), folder_, held->descriptor(), kLogName});
      }
      if (!pid.ok()) {
        failed_ = cut.ok() ? pid.status() : cut.status();
        return;
      }
      pid_ = *pid;
    }
    EndServer(*pid);
    const std::lock_guard lock(mutex_);
    pid_ = 0;
    if (stopping_) return;
    // A server that never answered will not do so on a second try.
    if (!answered_ || starts == kMaxRestarts) {
      failed_ = WhyItEnded();
      LogError("the private redis-server ended", {{"error", *failed_}});
      return;
    }
    LogWarning("the private redis-server ended; starting it again");
  }
}

// Waits for the end of the server, and kills it when it outlives the grace after it was told to stop.
void PrivateRedis::EndServer(pid_t pid) {
  std::optional<absl::Time> deadline;
  while (waitpid(pid, nullptr, WNOHANG) == 0) {
    std::unique_lock lock(mutex_);
    if (stopping_ && !deadline) deadline = absl::Now() + kEndGrace;
    if (deadline && absl::Now() >= *deadline) kill(pid, SIGKILL);
    changed_.wait_for(lock, absl::ToChronoMilliseconds(stopping_ ? kServerPoll : 10 * kServerPoll));
  }
}

absl::Status PrivateRedis::WaitUntilItAnswers(std::stop_token stop) {
  queue::RedisOptions options;
  options.url = url_;
  while (true) {
    {
      queue::Redis redis(options);
      const absl::StatusOr<queue::Reply> pong = redis.Command({"PING"});
      const std::lock_guard lock(mutex_);
      answered_ = pong.ok();
      if (answered_) return absl::OkStatus();
      if (failed_) return *failed_;
    }
    if (SleepUnlessStopped(kServerPoll, stop)) return absl::CancelledError("interrupted");
  }
}

absl::Status PrivateRedis::WhyItEnded() const {
  const std::string path = folder_ + "/" + kLogName;
  std::ifstream log(path, std::ios::ate);
  const auto size = static_cast<size_t>(std::max<std::streamoff>(log.tellg(), 0));
  std::string end(std::min(size, kLogEndBytes), '\0');
  log.seekg(static_cast<std::streamoff>(size - end.size()));
  log.read(end.data(), static_cast<std::streamsize>(end.size()));
  return MakeError(absl::StatusCode::kUnavailable, "REDIS_FAILED",
                   absl::StrCat("redis-server ended; the end of ", path, ":\n", end));
}

}  // namespace quern::cli

#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace quern::testing {

// A real redis-server of a test's own, on a unix socket in a temporary folder, with an append-only file. It ends with
// the test, even when the test is killed. Any failure to start or stop it ends the program with a message.
// Thread-compatible.
class RedisServer {
 public:
  // Starts a server and waits until it answers. `arguments` are further options, for example {"--maxmemory", "8mb"}.
  // From then on this process ignores SIGPIPE, as every process with a connection to Redis does.
  explicit RedisServer(std::vector<std::string> arguments = {});
  // Kills it and removes its folder.
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  // unix:///…
  std::string url() const;
  const std::string& socket_path() const { return socket_; }
  // Its --dir.
  const std::string& folder() const { return folder_; }
  pid_t pid() const { return pid_; }

  // SIGKILL, as a crash of the process would: what it wrote stays in the file. Returns when it is gone.
  void Kill();
  // Starts it again from its append-only file, repaired where its end is torn, and waits until it answers.
  void Start();
  // Stops and continues the process (SIGSTOP, SIGCONT): connections stay open and hang.
  void Suspend();
  void Resume();

  // While it is killed: cuts the last `bytes` off the append-only file, as a crash of the machine would. Never cuts
  // into the base file. Returns how many bytes were cut.
  uint64_t CutAppendOnlyFile(uint64_t bytes);
  // Path of the newest incremental append-only file.
  std::string AppendOnlyFile() const;
  // Bytes of the newest incremental append-only file.
  uint64_t AppendOnlyFileBytes() const;

  // CPU seconds (user and system) that the server has used since it was started.
  double CpuSeconds() const;

 private:
  void WaitUntilItAnswers() const;

  const std::vector<std::string> arguments_;
  std::string folder_;
  std::string socket_;
  pid_t pid_ = 0;
};

}  // namespace quern::testing

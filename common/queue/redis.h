#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

struct redisContext;

namespace quern::queue {

// Where Redis is and how long to wait for it.
struct RedisOptions {
  // redis://[:PASSWORD@]HOST:PORT[/DB] or unix:///PATH[?db=N].
  std::string url = "redis://127.0.0.1:6379";
  // Wins over a password in the URL. Never logged.
  std::string password;
  // Longest wait for a connection.
  absl::Duration connect_timeout = absl::Seconds(5);
  // Longest wait for one reply. After it the outcome of the command is unknown.
  absl::Duration timeout = absl::Seconds(10);
  // Connect to a Redis that may lose work (evicts keys, has no append-only file, is older than 7.0).
  bool allow_unsafe = false;
  // Nobody else uses this Redis: its settings may be changed for a moment.
  bool exclusive = false;
  // Told of every round trip: its command or script ("XREADGROUP", "transition"), the first one where several were sent
  // at once, and how long it took until all replies were there. May be empty; called by any connection's thread.
  std::function<void(std::string_view command, absl::Duration took)> observe;
};

// A reply of Redis, owning what it holds. Errors inside arrays stay as kError values.
struct Reply {
  enum class Type { kNil, kInteger, kString, kArray, kError };
  Type type = Type::kNil;
  int64_t integer = 0;
  std::string string;
  std::vector<Reply> array;
};

// A Lua script that Redis runs atomically; it is known by its SHA-1 once loaded.
struct Script {
  // File name without its ending, for messages and metrics.
  std::string_view name;
  std::string_view source;
};

// One run of a script. Views must outlive the call.
struct ScriptCall {
  const Script* script = nullptr;
  std::vector<std::string_view> keys;
  std::vector<std::string_view> arguments;
};

// The status that an error reply stands for: UNAVAILABLE (LOADING, READONLY, MISCONF, MOVED, ASK, CLUSTERDOWN and the
// like: wait and try again), RESOURCE_EXHAUSTED (OOM: Redis is full), UNAUTHENTICATED, FAILED_PRECONDITION (WRONG_TYPE:
// a key holds what is not ours), NOT_FOUND (NO_GROUP), INTERNAL (anything else).
absl::Status ErrorOf(const Reply& error);

// One blocking connection. Reconnects by itself before the next command when the last one broke it; never repeats a
// command whose outcome is unknown. Errors: UNAVAILABLE (connect, time-out, connection lost) and those of ErrorOf. The
// process ignores SIGPIPE: its main does that, because hiredis writes to sockets that may be closed. Thread-compatible:
// one thread at a time.
class Redis {
 public:
  explicit Redis(RedisOptions options);
  ~Redis();
  Redis(const Redis&) = delete;
  Redis& operator=(const Redis&) = delete;

  // Connects and checks that this Redis is safe to keep work in: FAILED_PRECONDITION with reason REDIS_UNSAFE says what
  // to change. Sets stream-node-max-bytes where it may. Calling it is optional but lets a process fail at start.
  absl::Status Connect();

  // Sends one command and waits for its reply.
  absl::StatusOr<Reply> Command(const std::vector<std::string_view>& arguments);

  // Sends all commands at once, then waits for all replies. An error reply stays in its place as kError.
  absl::StatusOr<std::vector<Reply>> Pipeline(const std::vector<std::vector<std::string_view>>& commands);

  // Runs a script, loading it first where Redis does not know it.
  absl::StatusOr<Reply> Run(const Script& script, const std::vector<std::string_view>& keys,
                            const std::vector<std::string_view>& arguments);

  // Sends all runs at once, then waits for all replies. An error reply stays in its place as kError.
  absl::StatusOr<std::vector<Reply>> RunAll(const std::vector<ScriptCall>& calls);

  // How often the connection was opened. It grows by one at each reconnect: leases may have run out meanwhile.
  uint64_t connections() const { return connections_; }

 private:
  struct Freer {
    void operator()(redisContext* context) const;
  };

  absl::Status EnsureConnected();
  absl::Status Open();
  // Drops the connection and says why.
  absl::Status Broken(std::string_view doing);
  absl::StatusOr<Reply> Receive();
  // Pipeline, observed under `name`.
  absl::StatusOr<std::vector<Reply>> Exchange(std::string_view name,
                                              const std::vector<std::vector<std::string_view>>& commands);
  absl::StatusOr<std::string> Sha1(const Script& script);

  const RedisOptions options_;
  std::unique_ptr<redisContext, Freer> context_;
  uint64_t connections_ = 0;
  // By the script's name. A SHA-1 depends on the source alone, so these outlive connections and servers.
  std::map<std::string_view, std::string> sha1_;
};

}  // namespace quern::queue

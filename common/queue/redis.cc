#include "common/queue/redis.h"

#include <hiredis/hiredis.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "common/base/error.h"
#include "common/queue/redis_safety.h"
#include "common/queue/redis_url.h"
#include "common/queue/reply_maker.h"

namespace quern::queue {
namespace {

bool StartsWith(std::string_view text, std::string_view prefix) { return text.substr(0, prefix.size()) == prefix; }

absl::Status Append(redisContext* context, const std::vector<std::string_view>& arguments) {
  std::vector<const char*> pointers(arguments.size());
  std::vector<size_t> lengths(arguments.size());
  for (size_t i = 0; i < arguments.size(); ++i) {
    pointers[i] = arguments[i].data();
    lengths[i] = arguments[i].size();
  }
  if (redisAppendCommandArgv(context, static_cast<int>(arguments.size()), pointers.data(), lengths.data()) !=
      REDIS_OK) {
    return absl::ResourceExhaustedError("no memory for a Redis command");
  }
  return absl::OkStatus();
}

// EVALSHA or EVAL as Redis wants it: the script, the number of keys, the keys, the arguments.
std::vector<std::string_view> Evaluation(std::string_view command, std::string_view script, std::string_view key_count,
                                         const ScriptCall& call) {
  std::vector<std::string_view> arguments = {command, script, key_count};
  arguments.insert(arguments.end(), call.keys.begin(), call.keys.end());
  arguments.insert(arguments.end(), call.arguments.begin(), call.arguments.end());
  return arguments;
}

// Whether the server has closed an idle connection: nothing is to be read from one that it keeps.
bool IsClosed(int socket) {
  char byte;
  const ssize_t got = recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

}  // namespace

absl::Status ErrorOf(const Reply& error) {
  const std::string_view text = error.string;
  for (std::string_view transient : {"LOADING", "READONLY", "MISCONF", "MOVED", "ASK", "CLUSTERDOWN", "TRYAGAIN",
                                     "MASTERDOWN", "NOREPLICAS", "BUSY", "UNBLOCKED"}) {
    if (StartsWith(text, transient)) return MakeError(absl::StatusCode::kUnavailable, "REDIS_UNAVAILABLE", text);
  }
  if (StartsWith(text, "OOM")) return MakeError(absl::StatusCode::kResourceExhausted, "REDIS_FULL", text);
  if (StartsWith(text, "WRONGTYPE")) return MakeError(absl::StatusCode::kFailedPrecondition, "WRONG_TYPE", text);
  if (StartsWith(text, "NOGROUP")) return MakeError(absl::StatusCode::kNotFound, "NO_GROUP", text);
  for (std::string_view denied : {"NOAUTH", "WRONGPASS", "NOPERM"}) {
    if (StartsWith(text, denied)) return MakeError(absl::StatusCode::kUnauthenticated, "REDIS_DENIED", text);
  }
  return MakeError(absl::StatusCode::kInternal, "REDIS_ERROR", text);
}

void Redis::Freer::operator()(redisContext* context) const { redisFree(context); }

Redis::Redis(RedisOptions options) : options_(std::move(options)) {}
Redis::~Redis() = default;

absl::Status Redis::Broken(std::string_view doing) {
  // On an end of file errno is stale, so only an I/O error looks at it.
  std::string why = context_ == nullptr ? "no memory" : context_->errstr;
  if (context_ != nullptr && context_->err == REDIS_ERR_IO && (errno == EAGAIN || errno == EWOULDBLOCK)) {
    why = "no reply in time";
  }
  context_.reset();
  return MakeError(absl::StatusCode::kUnavailable, "REDIS_UNAVAILABLE", absl::StrFormat("Redis: %s: %s", doing, why));
}

absl::Status Redis::EnsureConnected() {
  // A command that is sent into a closed connection fails with an unknown outcome, although no server has seen it.
  if (context_ != nullptr && context_->err == 0 && !IsClosed(context_->fd)) return absl::OkStatus();
  context_.reset();
  absl::Status opened = Open();
  if (!opened.ok()) context_.reset();
  return opened;
}

absl::Status Redis::Open() {
  QUERN_ASSIGN_OR_RETURN(const RedisAddress address, ParseRedisUrl(options_.url));
  const timeval connect_timeout = absl::ToTimeval(options_.connect_timeout);
  context_.reset(address.socket.empty() ? redisConnectWithTimeout(address.host.c_str(), address.port, connect_timeout)
                                        : redisConnectUnixWithTimeout(address.socket.c_str(), connect_timeout));
  if (context_ == nullptr || context_->err != 0) {
    return Broken("connect to " +
                  (address.socket.empty() ? absl::StrFormat("%s:%d", address.host, address.port) : address.socket));
  }
  MakeReplies(context_.get());
  redisSetTimeout(context_.get(), absl::ToTimeval(options_.timeout));
  if (address.socket.empty()) redisEnableKeepAlive(context_.get());
  ++connections_;
  const std::string& password = options_.password.empty() ? address.password : options_.password;
  const std::string database = absl::StrFormat("%d", address.database);
  std::vector<std::vector<std::string_view>> greetings;
  if (!password.empty()) greetings.push_back({"AUTH", password});
  if (address.database != 0) greetings.push_back({"SELECT", database});
  for (const auto& greeting : greetings) {
    QUERN_RETURN_IF_ERROR(Append(context_.get(), greeting));
    QUERN_ASSIGN_OR_RETURN(const Reply reply, Receive());
    if (reply.type == Reply::Type::kError) return ErrorOf(reply);
  }
  return absl::OkStatus();
}

absl::Status Redis::Connect() {
  QUERN_RETURN_IF_ERROR(EnsureConnected());
  QUERN_RETURN_IF_ERROR(CheckSafety(*this, options_.allow_unsafe));
  LimitStreamNodes(*this);
  return absl::OkStatus();
}

absl::StatusOr<Reply> Redis::Receive() {
  void* raw = nullptr;
  if (redisGetReply(context_.get(), &raw) != REDIS_OK || raw == nullptr) return Broken("reply");
  const std::unique_ptr<Reply> reply(static_cast<Reply*>(raw));
  return std::move(*reply);
}

absl::StatusOr<Reply> Redis::Command(const std::vector<std::string_view>& arguments) {
  QUERN_ASSIGN_OR_RETURN(std::vector<Reply> replies, Pipeline({arguments}));
  if (replies[0].type == Reply::Type::kError) return ErrorOf(replies[0]);
  return std::move(replies[0]);
}

absl::StatusOr<std::vector<Reply>> Redis::Pipeline(const std::vector<std::vector<std::string_view>>& commands) {
  return Exchange(commands.empty() ? "" : commands[0][0], commands);
}

absl::StatusOr<std::vector<Reply>> Redis::Exchange(std::string_view name,
                                                   const std::vector<std::vector<std::string_view>>& commands) {
  QUERN_RETURN_IF_ERROR(EnsureConnected());
  const absl::Time begin = options_.observe ? absl::Now() : absl::Time();
  for (const auto& command : commands) QUERN_RETURN_IF_ERROR(Append(context_.get(), command));
  std::vector<Reply> replies;
  replies.reserve(commands.size());
  bool moved_on = false;
  for (size_t i = 0; i < commands.size(); ++i) {
    QUERN_ASSIGN_OR_RETURN(Reply reply, Receive());
    // This server is a replica now, or the slot has left it: the next command asks the address again.
    moved_on |= reply.type == Reply::Type::kError &&
                (StartsWith(reply.string, "READONLY") || StartsWith(reply.string, "MOVED"));
    replies.push_back(std::move(reply));
  }
  if (moved_on) context_.reset();
  if (options_.observe && !commands.empty()) options_.observe(name, absl::Now() - begin);
  return replies;
}

absl::StatusOr<std::string> Redis::Sha1(const Script& script) {
  const auto known = sha1_.find(script.name);
  if (known != sha1_.end()) return known->second;
  QUERN_ASSIGN_OR_RETURN(const Reply reply, Command({"SCRIPT", "LOAD", script.source}));
  sha1_[script.name] = reply.string;
  return reply.string;
}

absl::StatusOr<Reply> Redis::Run(const Script& script, const std::vector<std::string_view>& keys,
                                 const std::vector<std::string_view>& arguments) {
  QUERN_ASSIGN_OR_RETURN(std::vector<Reply> replies, RunAll({ScriptCall{&script, keys, arguments}}));
  if (replies[0].type == Reply::Type::kError) return WithContext(ErrorOf(replies[0]), script.name);
  return std::move(replies[0]);
}

absl::StatusOr<std::vector<Reply>> Redis::RunAll(const std::vector<ScriptCall>& calls) {
  std::vector<std::string> key_counts(calls.size());
  std::vector<std::vector<std::string_view>> commands(calls.size());
  for (size_t i = 0; i < calls.size(); ++i) {
    QUERN_RETURN_IF_ERROR(Sha1(*calls[i].script).status());
    key_counts[i] = absl::StrFormat("%d", calls[i].keys.size());
    commands[i] = Evaluation("EVALSHA", sha1_[calls[i].script->name], key_counts[i], calls[i]);
  }
  const std::string_view name = calls.empty() ? "" : calls[0].script->name;
  QUERN_ASSIGN_OR_RETURN(std::vector<Reply> replies, Exchange(name, commands));
  // After a restart Redis knows no script; EVAL teaches it again. Only those that did not run are sent once more.
  std::vector<size_t> unknown;
  std::vector<std::vector<std::string_view>> again;
  for (size_t i = 0; i < calls.size(); ++i) {
    if (replies[i].type != Reply::Type::kError || !StartsWith(replies[i].string, "NOSCRIPT")) continue;
    unknown.push_back(i);
    again.push_back(Evaluation("EVAL", calls[i].script->source, key_counts[i], calls[i]));
  }
  if (again.empty()) return replies;
  QUERN_ASSIGN_OR_RETURN(std::vector<Reply> second, Exchange(name, again));
  for (size_t i = 0; i < unknown.size(); ++i) replies[unknown[i]] = std::move(second[i]);
  return replies;
}

}  // namespace quern::queue

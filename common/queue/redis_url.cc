#include "common/queue/redis_url.h"

#include "absl/strings/numbers.h"
#include "common/base/absl_view.h"
#include "common/base/error.h"

namespace quern::queue {
namespace {

// The longest path that fits a sockaddr_un with its final zero.
constexpr size_t kMaxSocketPath = 107;

bool Consume(std::string_view& text, std::string_view prefix) {
  if (text.substr(0, prefix.size()) != prefix) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// Never quotes the URL, which may hold a password.
absl::Status Bad(std::string_view what) {
  return MakeError(absl::StatusCode::kInvalidArgument, "REDIS_URL",
                   "Redis URL: " + std::string(what) + "; write redis://HOST:PORT or unix:///PATH");
}

bool ParseNumber(std::string_view text, int max, int* number) {
  return absl::SimpleAtoi(AbslView(text), number) && *number >= 0 && *number <= max;
}

absl::StatusOr<RedisAddress> ParseUnix(std::string_view rest) {
  RedisAddress address;
  const size_t query = rest.find("?db=");
  if (query != std::string_view::npos && !ParseNumber(rest.substr(query + 4), 1 << 20, &address.database)) {
    return Bad("the database is no number");
  }
  address.socket = rest.substr(0, query);
  if (address.socket.empty() || address.socket[0] != '/') return Bad("the socket's path must be absolute");
  if (address.socket.size() > kMaxSocketPath) return Bad("the socket's path is longer than 107 bytes");
  return address;
}

}  // namespace

absl::StatusOr<RedisAddress> ParseRedisUrl(std::string_view url) {
  std::string_view rest = url;
  if (Consume(rest, "unix://")) return ParseUnix(rest);
  if (!Consume(rest, "redis://")) return Bad("unknown scheme");
  RedisAddress address;
  if (const size_t at = rest.rfind('@'); at != std::string_view::npos) {
    const std::string_view user = rest.substr(0, at);
    if (user.empty() || user[0] != ':') return Bad("user names are not supported");
    address.password = user.substr(1);
    rest.remove_prefix(at + 1);
  }
  if (const size_t slash = rest.find('/'); slash != std::string_view::npos) {
    const std::string_view database = rest.substr(slash + 1);
    if (!database.empty() && !ParseNumber(database, 1 << 20, &address.database))
      return Bad("the database is no number");
    rest = rest.substr(0, slash);
  }
  const size_t bracket = rest.rfind(']');
  const size_t colon = rest.rfind(':');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    if (!ParseNumber(rest.substr(colon + 1), 65535, &address.port)) return Bad("the port is no number up to 65535");
    rest = rest.substr(0, colon);
  }
  if (rest.size() > 2 && rest.front() == '[' && rest.back() == ']') rest = rest.substr(1, rest.size() - 2);
  if (rest.empty()) return Bad("no host");
  address.host = rest;
  return address;
}

}  // namespace quern::queue

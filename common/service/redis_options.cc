#include "common/service/redis_options.h"

#include "absl/strings/ascii.h"
#include "common/base/config/file.h"
#include "common/base/error.h"
#include "common/base/log.h"
#include "common/queue/redis_url.h"

namespace quern::service {

absl::StatusOr<queue::RedisOptions> MakeRedisOptions(const v1::RedisConfig& config) {
  queue::RedisOptions options;
  options.url = config.url();
  const auto address = queue::ParseRedisUrl(options.url);
  if (!address.ok()) return WithContext(address.status(), "redis.url");
  options.timeout = absl::Seconds(config.timeout().seconds()) + absl::Nanoseconds(config.timeout().nanos());
  options.allow_unsafe = config.allow_unsafe();
  if (config.has_password_file()) {
    QUERN_ASSIGN_OR_RETURN(const std::string password, config::ReadSmallFile(config.password_file()));
    options.password = std::string(absl::StripAsciiWhitespace(password));
  }
  return options;
}

absl::Status CheckRedis(const queue::RedisOptions& options) {
  const absl::Status status = queue::Redis(options).Connect();
  if (status.code() == absl::StatusCode::kFailedPrecondition) return status;
  if (!status.ok()) LogWarning("redis is away; waiting for it", {{"error", status}});
  return absl::OkStatus();
}

}  // namespace quern::service

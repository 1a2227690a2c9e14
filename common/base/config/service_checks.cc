#include "common/base/config/service_checks.h"

#include <charconv>
#include <filesystem>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "common/base/absl_view.h"
#include "common/base/config/file.h"

namespace quern::config {
namespace {

constexpr size_t kMaxSocketPath = 107;

bool IsHostAndPort(std::string_view address) {
  const size_t colon = address.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const std::string_view digits = address.substr(colon + 1);
  unsigned port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  return error == std::errc() && end == digits.data() + digits.size() && port <= 65535;
}

void CheckGrpcAddress(std::string_view path, const std::string& address, Faults* faults) {
  if (absl::StartsWith(address, "unix:")) {
    const size_t length = address.size() - std::string_view("unix:").size();
    if (length == 0 || length > kMaxSocketPath) {
      faults->Add(path, absl::StrFormat("a socket's path has 1 to %d bytes, not %d", kMaxSocketPath, length));
    }
  } else if (!IsHostAndPort(address)) {
    faults->Add(path, absl::StrFormat("expects host:port or unix:PATH, not \"%s\"", address));
  }
}

void CheckRedis(const v1::RedisConfig& config, Faults* faults) {
  // The value is not repeated: it may hold a password.
  if (!absl::StartsWith(config.url(), "redis://") && !absl::StartsWith(config.url(), "unix:///")) {
    faults->Add("redis.url", "expects redis://[:PASSWORD@]HOST:PORT[/DB] or unix:///PATH[?db=N]");
  }
  if (!config.has_password_file()) return;
  const auto password = ReadSmallFile(config.password_file());
  if (!password.ok()) {
    faults->Add("redis.password_file", StdView(password.status().message()));
  } else if (absl::StripAsciiWhitespace(*password).empty()) {
    faults->Add("redis.password_file", absl::StrFormat("%s is empty", config.password_file()));
  }
}

void CheckPair(std::string_view path, const std::string& certificate, const std::string& key, Faults* faults) {
  if (certificate.empty() == key.empty()) return;
  faults->Add(absl::StrFormat("%s.%s", path, certificate.empty() ? "certificate_file" : "key_file"),
              "is missing: certificate_file and key_file belong together");
}

// Whether the files hold what they should shows when the process listens.
void CheckTls(const v1::TlsConfig& tls, Faults* faults) {
  CheckPair("listen.tls", tls.certificate_file(), tls.key_file(), faults);
  if (!tls.client_ca_file().empty() && tls.certificate_file().empty() && tls.key_file().empty()) {
    faults->Add("listen.tls.client_ca_file", "needs certificate_file and key_file: without them there is no TLS");
  }
}

void CheckCalls(const v1::CallConfig& calls, Faults* faults) {
  CheckPair("pipeline.stages", calls.certificate_file(), calls.key_file(), faults);
  if (!calls.certificate_file().empty() && calls.ca_file().empty()) {
    faults->Add("pipeline.stages.certificate_file", "needs ca_file: without it there is no TLS");
  }
}

// Whether it can be written shows when it is opened.
void CheckReplyCache(const v1::ReplyCacheConfig& config, Faults* faults) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(config.path(), error);
  if (!config.path().empty() && std::filesystem::exists(status) && !std::filesystem::is_directory(status)) {
    faults->Add("reply_cache.path", absl::StrFormat("%s is not a folder", config.path()));
  }
}

absl::Duration ToDuration(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

}  // namespace

void CheckServiceConfig(const v1::ServiceConfig& config, Faults* faults) {
  CheckGrpcAddress("listen.grpc", config.listen().grpc(), faults);
  if (config.listen().metrics() != "off" && !IsHostAndPort(config.listen().metrics())) {
    faults->Add("listen.metrics", absl::StrFormat("expects host:port or off, not \"%s\"", config.listen().metrics()));
  }
  CheckRedis(config.redis(), faults);
  CheckReplyCache(config.reply_cache(), faults);
  if (ToDuration(config.worker().lease()) < 3 * ToDuration(config.worker().renewal())) {
    faults->Add("worker.lease", "must be at least 3 × worker.renewal, else a slow renewal loses live work");
  }
  const std::string& level = config.log().level();
  if (level != "debug" && level != "info" && level != "warning" && level != "error") {
    faults->Add("log.level", absl::StrFormat("expects debug, info, warning or error, not \"%s\"", level));
  }
  const std::string& format = config.log().format();
  if (format != "json" && format != "text") {
    faults->Add("log.format", absl::StrFormat("expects json or text, not \"%s\"", format));
  }
  CheckTls(config.listen().tls(), faults);
  CheckCalls(config.pipeline().stages(), faults);
  const v1::PipelineConfig& pipeline = config.pipeline();
  if (pipeline.has_data_dir() && pipeline.data_dir().empty()) faults->Add("pipeline.data_dir", "must not be empty");
  if (pipeline.has_filter_address()) CheckGrpcAddress("pipeline.filter_address", pipeline.filter_address(), faults);
  if (pipeline.has_persona_address()) CheckGrpcAddress("pipeline.persona_address", pipeline.persona_address(), faults);
  if (pipeline.has_generator_address()) {
    CheckGrpcAddress("pipeline.generator_address", pipeline.generator_address(), faults);
  }
  if (pipeline.has_verifier_address()) {
    CheckGrpcAddress("pipeline.verifier_address", pipeline.verifier_address(), faults);
  }
}

}  // namespace quern::config

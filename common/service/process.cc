#include "common/service/process.h"

#include <cstdio>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/absl_view.h"
#include "common/base/config/exit_code.h"
#include "common/base/error.h"
#include "common/base/file_limit.h"
#include "common/base/log.h"
#include "common/base/mutex_checks.h"
#include "common/base/version.h"
#include "common/service/certificate_metrics.h"
#include "common/service/daemon_flags.h"
#include "common/service/reach.h"
#include "common/service/readiness.h"
#include "common/service/redis_options.h"
#include "common/service/server.h"
#include "common/service/watchdog.h"

namespace quern::service {
namespace {

// How much longer than its grace a drain may take before the process exits hard.
constexpr absl::Duration kHardExitMargin = absl::Seconds(5);

constexpr char kGuard[] =
    "set listen.tokens_file, or listen.tls with a client_ca_file, or listen.allow_open if something else guards it";

int Fail(const config::ProcessIdentity& identity, const absl::Status& status, int code) {
  std::fputs(absl::StrFormat("%s: %s\n", identity.name, status.message()).c_str(), stderr);
  return code;
}

int ConfigurationCode(const absl::Status& status) {
  return status.code() == absl::StatusCode::kNotFound ? config::kExitNoInput : config::kExitConfiguration;
}

int RunCode(const absl::Status& status) {
  if (status.ok()) return 0;
  if (status.code() == absl::StatusCode::kUnavailable) return config::kExitUnavailable;
  const bool of_output = ErrorReason(status) == "OUTPUT_LOCKED" || ErrorReason(status) == "OUTPUT_UNUSABLE";
  return of_output ? config::kExitCannotCreate : config::kExitConfiguration;
}

LogLevel LevelOf(const std::string& name) {
  if (name == "debug") return LogLevel::kDebug;
  if (name == "warning") return LogLevel::kWarning;
  return name == "error" ? LogLevel::kError : LogLevel::kInfo;
}

int Print(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  return 0;
}

}  // namespace

int Process::Main(const config::ProcessIdentity& identity, int argc, char** argv, const Make& make) {
  RaiseFileLimit();
  StopMutexChecks();
  const std::vector<std::string> words(argv + 1, argv + argc);
  const auto line = config::CommandLine::Parse(DaemonFlags(), words);
  if (!line.ok()) return Fail(identity, line.status(), config::kExitUsage);
  if (line->Has("help")) return Print(DaemonHelp(identity));
  if (line->Has("version")) return Print(absl::StrFormat("%s %s\n", identity.name, Version()));
  const auto sources = DaemonSources(*line);
  if (!sources.ok()) return Fail(identity, sources.status(), config::kExitUsage);
  auto loaded = config::LoadServiceConfig(identity, *sources);
  if (!loaded.ok()) return Fail(identity, loaded.status(), ConfigurationCode(loaded.status()));
  if (line->Has("print-config")) return Print(config::PrintConfig(*loaded));
  auto redis = MakeRedisOptions(loaded->config.redis());
  if (!redis.ok()) return Fail(identity, redis.status(), config::kExitConfiguration);
  if (line->Has("validate-config")) return Print("the configuration is valid\n");
  const bool text = loaded->config.log().format() == "text";
  InitLogging(identity.name, LevelOf(loaded->config.log().level()), text ? LogFormat::kText : LogFormat::kJson);
  for (const config::IgnoredVariable& variable : loaded->ignored_variables) {
    LogWarning("an environment variable names no setting and is ignored",
               {{"variable", variable.name}, {"did_you_mean", variable.meant}});
  }
  Process process(identity, *std::move(loaded), *std::move(redis));
  const absl::Status status = process.Run(make);
  if (!status.ok()) LogError("cannot run", {{"error", status}});
  return RunCode(status);
}

Process::Process(const config::ProcessIdentity& identity, config::LoadedConfig loaded, queue::RedisOptions redis)
    : loaded_(std::move(loaded)), redis_(std::move(redis)), metrics_(identity.name), redis_metrics_(&metrics_) {
  redis_.observe = [this](std::string_view command, absl::Duration took) { redis_metrics_.Observe(command, took); };
}

absl::Status Process::Run(const Make& make) {
  const v1::ListenConfig& listen = config().listen();
  const absl::Duration grace = absl::Seconds(listen.drain().seconds()) + absl::Nanoseconds(listen.drain().nanos());
  const bool guarded = !listen.tokens_file().empty() || !listen.tls().client_ca_file().empty();
  if (!guarded && !listen.allow_open()) {
    QUERN_RETURN_IF_ERROR(CheckNotPublic(listen.grpc(), kGuard));
    if (!listen.published().empty()) QUERN_RETURN_IF_ERROR(CheckNotPublished(listen.published(), kGuard));
  }
  auto access = Access::Open(listen.tokens_file());
  if (!access.ok()) return WithContext(access.status(), "listen.tokens_file");
  access_ = *std::move(access);
  QUERN_ASSIGN_OR_RETURN(const std::unique_ptr<Component> component, make(*this));
  if (const std::string& certificate = listen.tls().certificate_file(); !certificate.empty()) {
    metrics_.Add(std::make_shared<CertificateMetrics>(certificate));
  }
  QUERN_RETURN_IF_ERROR(metrics_.Expose(listen.metrics()));
  ServerOptions options;
  options.address = listen.grpc();
  options.max_message_bytes = listen.max_message_bytes();
  options.tls = listen.tls();
  QUERN_ASSIGN_OR_RETURN(const std::unique_ptr<Server> server,
                         Server::Start(options, component->Services(), &metrics_));
  QUERN_RETURN_IF_ERROR(component->Start());
  std::optional<Readiness> readiness;
  if (component->NeedsRedis()) {
    readiness.emplace(redis_, server.get());
  } else {
    server->SetServing(true);
  }
  LogInfo("serving", {{"version", Version()},
                      {"grpc", server->address()},
                      {"metrics", metrics_.address()},
                      {"tls", !listen.tls().certificate_file().empty()},
                      {"tokens", !listen.tokens_file().empty()}});
  signals_.Wait();
  LogInfo("draining", {{"signal", signals_.received()}, {"grace", grace}});
  const Watchdog watchdog(grace + kHardExitMargin);
  readiness.reset();
  server->SetServing(false);
  std::thread refuse([&] { server->Drain(grace); });
  component->Drain(grace);
  refuse.join();
  LogInfo("stopped");
  return absl::OkStatus();
}

}  // namespace quern::service

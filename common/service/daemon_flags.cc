#include "common/service/daemon_flags.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/config/faults.h"
#include "common/base/error.h"

namespace quern::service {
namespace {

// Flags that stand for one field of the configuration.
struct FieldFlag {
  const char* flag;
  const char* path;
};

constexpr FieldFlag kFieldFlags[] = {{"listen", "listen.grpc"},
                                     {"metrics", "listen.metrics"},
                                     {"redis", "redis.url"},
                                     {"log-level", "log.level"},
                                     {"log-format", "log.format"}};

}  // namespace

std::vector<config::FlagSpec> DaemonFlags() {
  return {
      {"config", "FILE", "Read the configuration from this YAML file."},
      {"set", "PATH=VALUE", "Set one field, for example --set worker.concurrency=64. May be repeated."},
      {"listen", "ADDRESS", "Serve gRPC at host:port (port 0 picks a free one) or unix:PATH; listen.grpc."},
      {"metrics", "ADDRESS", "Serve Prometheus metrics at host:port, or \"off\"; listen.metrics."},
      {"redis", "URL",
       "The queue: redis://HOST:PORT or unix:///PATH; redis.url. A password belongs into "
       "redis.password_file, where other users cannot see it."},
      {"log-level", "LEVEL", "debug, info, warning or error; log.level."},
      {"log-format", "FORMAT", "json, an object a line, or text, for people; log.format."},
      {"print-config", "", "Print the effective configuration, each value with its source, and exit."},
      {"validate-config", "", "Check the configuration and exit: 0 when it is valid, 78 when not."},
      {"version", "", "Print the version and exit."},
      {"help", "", "Print this and exit."},
  };
}

std::string DaemonHelp(const config::ProcessIdentity& identity) {
  return absl::StrFormat(
      "%s: %s\n\n"
      "Usage: %s [FLAG…]\n\n"
      "%s\n"
      "A value comes from a flag, else from the environment (QUERN_REDIS_URL for redis.url), else from the\n"
      "file, else it is the default. docs/configuration.md tells every field.\n\n"
      "Examples:\n"
      "  %s --redis redis://queue:6379            work for the jobs in that Redis\n"
      "  %s --set worker.enabled=false            serve RPCs only, no Redis needed\n"
      "  %s --config quern.yaml --print-config    see what would be used, and why\n\n"
      "SIGTERM drains: no new work is started, what is under way is finished, then it exits with 0. A second\n"
      "signal ends it at once; what it held is taken over by others.\n",
      identity.name, identity.summary, identity.name, config::FlagHelp(DaemonFlags()), identity.name, identity.name,
      identity.name);
}

absl::StatusOr<config::ConfigSources> DaemonSources(const config::CommandLine& line) {
  config::ConfigSources sources;
  config::Faults faults;
  sources.file = line.Value("config");
  sources.environment = config::ProcessEnvironment();
  for (const std::string& word : line.positional()) faults.Add(word, "is no flag; see --help");
  for (const std::string& assignment : line.Values("set")) {
    const size_t equals = assignment.find('=');
    if (equals == std::string::npos) {
      faults.Add("--set " + assignment, "expects PATH=VALUE");
    } else {
      sources.overrides.push_back({assignment.substr(0, equals), assignment.substr(equals + 1), "--set"});
    }
  }
  for (const FieldFlag& flag : kFieldFlags) {
    if (line.Has(flag.flag)) {
      sources.overrides.push_back({flag.path, line.Value(flag.flag), absl::StrCat("--", flag.flag)});
    }
  }
  QUERN_RETURN_IF_ERROR(faults.ToStatus("USAGE"));
  return sources;
}

}  // namespace quern::service

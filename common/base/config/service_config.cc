#include "common/base/config/service_config.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>
#include <thread>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "common/base/absl_view.h"
#include "common/base/config/faults.h"
#include "common/base/config/fields.h"
#include "common/base/config/file.h"
#include "common/base/config/rules.h"
#include "common/base/config/scalar.h"
#include "common/base/config/service_checks.h"
#include "common/base/config/yaml.h"
#include "common/base/error.h"
#include "common/base/near_name.h"

namespace quern::config {
namespace {

constexpr char kInvalidConfig[] = "INVALID_CONFIG";
constexpr char kVariablePrefix[] = "QUERN_";
// The command line's.
constexpr std::array<std::string_view, 5> kClientVariables = {"QUERN_SERVER", "QUERN_CA_FILE", "QUERN_CERTIFICATE_FILE",
                                                              "QUERN_KEY_FILE", "QUERN_TOKEN_FILE"};

// Where each field's value came from, by path.
using Sources = std::map<std::string, std::string>;

std::vector<FieldRule> ServiceRules(const ProcessIdentity& process) {
  const uint16_t metrics_port = process.port == 0 ? 0 : process.port + 1000;
  std::vector<FieldRule> rules = {
      {"listen.grpc", absl::StrCat("127.0.0.1:", process.port)},
      {"listen.metrics", absl::StrCat("127.0.0.1:", metrics_port)},
      {"listen.max_message_bytes", "65MiB", 1 << 20, 1 << 30},
      {"listen.drain", "630s"},
      {"redis.url", "redis://127.0.0.1:6379"},
      {"redis.allow_unsafe", "false"},
      {"redis.timeout", "10s", 0.001},
      {"worker.enabled", "true"},
      {"worker.concurrency", "256", 1, 65536},
      {"worker.threads", absl::StrCat(std::max(1u, std::thread::hardware_concurrency())), 1, 1024},
      {"worker.lease", "30s", 0.003},
      {"worker.renewal", "10s", 0.001},
      {"listen.allow_open", "false"},
      {"log.level", "info"},
      {"log.format", "json"},
      {"reply_cache.max_bytes", "16GiB", 1 << 20},
  };
  if (process.pipeline) {
    rules.insert(rules.end(), {
                                  {"pipeline.data_dir", "./quern-data"},
                                  {"pipeline.filter_address", absl::StrCat("127.0.0.1:", kFilterProcess.port)},
                                  {"pipeline.persona_address", absl::StrCat("127.0.0.1:", kPersonaProcess.port)},
                                  {"pipeline.generator_address", absl::StrCat("127.0.0.1:", kGeneratorProcess.port)},
                                  {"pipeline.verifier_address", absl::StrCat("127.0.0.1:", kVerifierProcess.port)},
                                  {"pipeline.retention", "7d"},
                              });
  }
  return rules;
}

// "redis.url" is QUERN_REDIS_URL.
std::string VariableName(const std::string& path) {
  return absl::StrCat(kVariablePrefix, absl::StrReplaceAll(absl::AsciiStrToUpper(path), {{".", "_"}}));
}

// Sets one field from text; faults name both where the text came from and the field.
void Apply(const std::string& path, const std::string& value, const std::string& source, v1::ServiceConfig* config,
           Sources* sources, Faults* faults) {
  Faults own;
  SetField(path, value, config, &own);
  if (own.empty()) {
    (*sources)[path] = source;
  } else {
    faults->Add(source, StdView(own.ToStatus(kInvalidConfig).message()));
  }
}

bool IsOfClient(std::string_view name) {
  return std::find(kClientVariables.begin(), kClientVariables.end(), name) != kClientVariables.end();
}

// What Kubernetes sets in every container for a service called quern-redis: QUERN_REDIS_SERVICE_HOST,
// QUERN_REDIS_PORT=tcp://10.0.0.1:6379, QUERN_REDIS_PORT_6379_TCP_ADDR and the like.
bool IsOfKubernetes(const std::string& variable) {
  const size_t equals = variable.find('=');
  const std::string name = variable.substr(0, equals);
  const bool is_url = equals != std::string::npos && variable.find("://", equals) != std::string::npos;
  return absl::StrContains(name, "_SERVICE_HOST") || absl::StrContains(name, "_SERVICE_PORT") ||
         (is_url && absl::StrContains(name, "_PORT")) || absl::StrContains(name, "_TCP") ||
         absl::StrContains(name, "_UDP") || absl::StrContains(name, "_SCTP");
}

void ApplyEnvironment(const std::vector<std::string>& environment, v1::ServiceConfig* config, Sources* sources,
                      std::vector<IgnoredVariable>* ignored, Faults* faults) {
  std::map<std::string, std::string> paths;
  std::vector<std::string> known;
  ForEachLeaf(*v1::ServiceConfig::descriptor(), [&](const std::string& path, const google::protobuf::FieldDescriptor&) {
    known.push_back(VariableName(path));
    paths[known.back()] = path;
  });
  for (const std::string& variable : environment) {
    const size_t equals = variable.find('=');
    if (equals == std::string::npos || !absl::StartsWith(variable, kVariablePrefix)) continue;
    const std::string name = variable.substr(0, equals);
    const auto path = paths.find(name);
    if (path != paths.end()) {
      Apply(path->second, variable.substr(equals + 1), absl::StrCat("environment ", name), config, sources, faults);
    } else if (!IsOfClient(name) && !IsOfKubernetes(variable)) {
      ignored->push_back({name, NearName(name, known)});
    }
  }
}

// redis://:PASSWORD@HOST becomes redis://:***@HOST.
std::string HideSecret(const std::string& path, std::string value) {
  if (path != "redis.url") return value;
  const size_t scheme = value.find("://");
  const size_t at = value.rfind('@');
  if (scheme == std::string::npos || at == std::string::npos || at < scheme + 3) return value;
  return value.replace(scheme + 3, at - scheme - 3, ":***");
}

std::vector<Setting> Settings(v1::ServiceConfig config, const Sources& sources) {
  std::vector<Setting> settings;
  ForEachLeaf(*v1::ServiceConfig::descriptor(),
              [&](const std::string& path, const google::protobuf::FieldDescriptor& field) {
                const auto source = sources.find(path);
                if (source == sources.end()) return;
                Faults none;
                const auto place = FindField(path, &config, &none);
                settings.push_back({path, HideSecret(path, ScalarText(*place->message, *place->field)), source->second,
                                    field.cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_STRING});
              });
  return settings;
}

}  // namespace

absl::StatusOr<LoadedConfig> LoadServiceConfig(const ProcessIdentity& process, const ConfigSources& sources) {
  LoadedConfig loaded;
  Faults faults;
  Sources origins;
  if (!sources.file.empty()) {
    QUERN_ASSIGN_OR_RETURN(const std::string yaml, ReadSmallFile(sources.file));
    MergeYaml(yaml, &loaded.config, &faults,
              [&](const std::string& path) { origins[path] = absl::StrCat("file ", sources.file); });
  }
  ApplyEnvironment(sources.environment, &loaded.config, &origins, &loaded.ignored_variables, &faults);
  for (const Override& o : sources.overrides) Apply(o.path, o.value, o.source, &loaded.config, &origins, &faults);
  ApplyRules(ServiceRules(process), &loaded.config, &faults,
             [&](const std::string& path) { origins[path] = "default"; });
  CheckServiceConfig(loaded.config, &faults);
  QUERN_RETURN_IF_ERROR(faults.ToStatus(kInvalidConfig));
  loaded.settings = Settings(loaded.config, origins);
  return loaded;
}

std::vector<std::string> ProcessEnvironment() {
  std::vector<std::string> variables;
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
    variables.emplace_back(*variable);
  }
  return variables;
}

}  // namespace quern::config

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "quern/v1/config.pb.h"

namespace quern::config {

// Who reads a ServiceConfig: decides the defaults that differ among processes.
struct ProcessIdentity {
  // "quern-filter".
  std::string name;
  // One sentence for --help.
  std::string summary;
  // Its own gRPC port; metrics are at this + 1000. 0: no fixed ports (both addresses end in ":0").
  uint16_t port = 0;
  // True for quern-pipeline: the `pipeline` block is read.
  bool pipeline = false;
};

inline const ProcessIdentity kFilterProcess{"quern-filter", "Decides which documents are worth asking about.", 7071};
inline const ProcessIdentity kPersonaProcess{"quern-persona", "Names a document's domain and who asks about it.", 7072};
inline const ProcessIdentity kGeneratorProcess{"quern-generator", "Writes one question with its answer.", 7073};
inline const ProcessIdentity kVerifierProcess{"quern-verifier", "Checks question-answer pairs against their document.",
                                              7074};
inline const ProcessIdentity kPipelineProcess{"quern-pipeline", "Runs jobs: takes documents in, writes datasets out.",
                                              7070, true};

// One value given outside the file, by a flag say.
struct Override {
  // Path in ServiceConfig, for example "redis.url".
  std::string path;
  std::string value;
  // Where it came from, for people: "--redis".
  std::string source;
};

// Where a configuration comes from, the later winning: defaults, file, environment, overrides.
struct ConfigSources {
  // Empty: none.
  std::string file;
  // NAME=VALUE, as in environ; those that begin with QUERN_ and name a field are used.
  std::vector<std::string> environment;
  std::vector<Override> overrides;
};

// An effective value.
struct Setting {
  std::string path;
  // Secrets are hidden.
  std::string value;
  // "default", "file /etc/quern.yaml", "environment QUERN_REDIS_URL", "--redis".
  std::string source;
  // True for a string field: in YAML its value is quoted.
  bool is_text = false;
};

// A QUERN_ variable that names no field.
struct IgnoredVariable {
  // "QUERN_REDIS_ULR".
  std::string name;
  // The variable that was probably meant; empty when none is near.
  std::string meant;
};

struct LoadedConfig {
  v1::ServiceConfig config;
  std::vector<Setting> settings;
  // Worth a warning, but no error. Without those that Kubernetes sets for services called quern-*, and QUERN_SERVER,
  // which is the command line's.
  std::vector<IgnoredVariable> ignored_variables;
};

// Loads, fills defaults and checks everything that can be checked without side effects, files named by it included.
// INVALID_ARGUMENT, reason INVALID_CONFIG, names all faults with their paths; NOT_FOUND: no such file.
absl::StatusOr<LoadedConfig> LoadServiceConfig(const ProcessIdentity& process, const ConfigSources& sources);

// What --print-config shows: a YAML document that gives the same configuration (secrets apart), each value with its
// source in a comment.
std::string PrintConfig(const LoadedConfig& loaded);

// This process's environment as ConfigSources wants it.
std::vector<std::string> ProcessEnvironment();

}  // namespace quern::config

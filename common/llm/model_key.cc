#include "common/llm/model_key.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/absl_view.h"
#include "common/base/error.h"

namespace quern::llm {
namespace {

// The address of Redis may hold its password.
constexpr char kOwnVariables[] = "QUERN_REDIS";

absl::Status NoKey(const v1::ModelSpec& spec, std::string_view what) {
  return MakeError(absl::StatusCode::kInvalidArgument, "INVALID_SPEC",
                   absl::StrCat("models.", spec.name(), ": ", AbslView(what)));
}

// A key is one word. Who writes a spec names the file and the server: other files of this process (tokens, a private
// key in PEM) must not leave it that way, nor a line break end the header.
absl::StatusOr<std::string> OneWord(const v1::ModelSpec& spec, std::string_view from, std::string_view content) {
  const std::string key(absl::StripAsciiWhitespace(AbslView(content)));
  if (key.empty()) return NoKey(spec, absl::StrCat(AbslView(from), " is empty"));
  const auto printable = [](unsigned char c) { return c > 0x20 && c < 0x7f; };
  if (std::all_of(key.begin(), key.end(), printable)) return key;
  return NoKey(spec, absl::StrCat(AbslView(from), " holds no key: a key is one word of printable ASCII"));
}

absl::StatusOr<std::string> FromEnvironment(const v1::ModelSpec& spec, const std::string& key_dir) {
  const std::string from = absl::StrCat("api_key_env: ", spec.api_key_env());
  if (!key_dir.empty()) {
    return NoKey(spec, absl::StrCat(from, ": keys are files here (models.key_dir); put it into ", key_dir,
                                    " where the stages run, and name it by api_key_file"));
  }
  if (absl::StartsWith(spec.api_key_env(), kOwnVariables)) {
    return NoKey(spec, absl::StrCat(from, " is Quern's own, and no key of a model"));
  }
  const char* value = std::getenv(spec.api_key_env().c_str());
  if (value == nullptr || *value == '\0') {
    return NoKey(spec, absl::StrCat("api_key_env: the environment variable ", spec.api_key_env(),
                                    " is not set where the stage runs"));
  }
  return OneWord(spec, from, value);
}

// Both as they are after all links. The folder is asked anew each time: Kubernetes exchanges it.
bool LiesIn(const std::filesystem::path& file, const std::filesystem::path& folder) {
  std::error_code error;
  const std::filesystem::path inside = std::filesystem::canonical(folder, error);
  return !error && std::mismatch(inside.begin(), inside.end(), file.begin(), file.end()).first == inside.end();
}

absl::StatusOr<std::string> FromFile(const v1::ModelSpec& spec, const std::string& key_dir) {
  const std::string from = absl::StrCat("api_key_file: ", spec.api_key_file());
  // What is opened is what was looked at, and no link that came in between.
  std::error_code error;
  const std::filesystem::path path = std::filesystem::canonical(spec.api_key_file(), error);
  if (!key_dir.empty() && (error || !LiesIn(path, key_dir))) {
    // Not whether it is there: that is nobody's business.
    return NoKey(spec,
                 absl::StrCat(from, " is no file in ", key_dir, ", where keys of models must lie (models.key_dir)"));
  }
  std::ifstream file(path);
  std::stringstream content;
  content << file.rdbuf();
  if (error || !file) return NoKey(spec, absl::StrCat("api_key_file: cannot read ", spec.api_key_file()));
  return OneWord(spec, from, content.str());
}

}  // namespace

absl::StatusOr<std::string> ReadModelKey(const v1::ModelSpec& spec, const std::string& key_dir) {
  if (!spec.api_key_env().empty()) return FromEnvironment(spec, key_dir);
  if (!spec.api_key_file().empty()) return FromFile(spec, key_dir);
  return std::string();
}

}  // namespace quern::llm

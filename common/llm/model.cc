#include "common/llm/model.h"

#include <algorithm>
#include <cstdlib>
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
                   absl::StrCat("models.", spec.name(), ": ", std::string(what)));
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

absl::StatusOr<std::string> ReadKey(const v1::ModelSpec& spec) {
  if (absl::StartsWith(spec.api_key_env(), kOwnVariables)) {
    return NoKey(spec, absl::StrCat("api_key_env: ", spec.api_key_env(), " is Quern's own, and no key of a model"));
  }
  if (!spec.api_key_env().empty()) {
    const char* value = std::getenv(spec.api_key_env().c_str());
    if (value == nullptr || *value == '\0') {
      return NoKey(spec, absl::StrCat("api_key_env: the environment variable ", spec.api_key_env(),
                                      " is not set where the stage runs"));
    }
    return OneWord(spec, absl::StrCat("api_key_env: ", spec.api_key_env()), value);
  }
  if (spec.api_key_file().empty()) return std::string();
  std::ifstream file(spec.api_key_file());
  std::stringstream content;
  content << file.rdbuf();
  if (!file) return NoKey(spec, absl::StrCat("api_key_file: cannot read ", spec.api_key_file()));
  return OneWord(spec, absl::StrCat("api_key_file: ", spec.api_key_file()), content.str());
}

}  // namespace

absl::StatusOr<std::shared_ptr<Model>> Model::Make(Hub* hub, const v1::ModelSpec& spec) {
  auto model = std::shared_ptr<Model>(new Model(spec));
  QUERN_ASSIGN_OR_RETURN(std::string key, ReadKey(spec));
  {
    absl::MutexLock lock(&model->mutex_);
    model->key_ = std::move(key);
  }
  for (const std::string& base_url : spec.base_urls()) model->replicas_.push_back(hub->EndpointFor(spec, base_url));
  return model;
}

std::vector<std::string> Model::Headers() {
  std::vector<std::string> headers;
  for (const auto& [name, value] : spec_.headers()) headers.push_back(absl::StrCat(name, ": ", value));
  absl::MutexLock lock(&mutex_);
  if (key_refused_) {
    absl::StatusOr<std::string> key = ReadKey(spec_);
    if (key.ok()) key_ = *std::move(key);
    key_refused_ = false;
  }
  if (key_.empty()) return headers;
  headers.push_back(spec_.api_key_header().empty() ? absl::StrCat("Authorization: Bearer ", key_)
                                                   : absl::StrCat(spec_.api_key_header(), ": ", key_));
  return headers;
}

void Model::KeyRefused() {
  absl::MutexLock lock(&mutex_);
  key_refused_ = true;
}

double Model::Cost(const Usage& usage) const {
  constexpr double kTokensPerPrice = 1e6;
  const v1::Price& price = spec_.price();
  const double cached_price = price.has_cached_input() ? price.cached_input() : price.input();
  return (static_cast<double>(usage.input - usage.cached) * price.input() +
          static_cast<double>(usage.cached) * cached_price + static_cast<double>(usage.output) * price.output()) /
         kTokensPerPrice;
}

}  // namespace quern::llm

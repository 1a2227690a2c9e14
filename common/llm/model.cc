#include "common/llm/model.h"

#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/llm/model_key.h"

namespace quern::llm {
namespace {

// Without it every call would fail, one by one, as if the server were down.
absl::Status CheckAuthorities(const v1::ModelSpec& spec) {
  if (spec.ca_file().empty() || std::ifstream(spec.ca_file()).peek() != std::ifstream::traits_type::eof()) {
    return absl::OkStatus();
  }
  return MakeError(absl::StatusCode::kInvalidArgument, "INVALID_SPEC",
                   absl::StrCat("models.", spec.name(), ": ca_file: cannot read ", spec.ca_file(), ", or it is empty"));
}

}  // namespace

absl::StatusOr<std::shared_ptr<Model>> Model::Make(Hub* hub, const v1::ModelSpec& spec) {
  auto model = std::shared_ptr<Model>(new Model(spec, hub->key_dir()));
  QUERN_RETURN_IF_ERROR(CheckAuthorities(spec));
  QUERN_ASSIGN_OR_RETURN(std::string key, ReadModelKey(spec, model->key_dir_));
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
    absl::StatusOr<std::string> key = ReadModelKey(spec_, key_dir_);
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

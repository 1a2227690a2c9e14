#include "common/llm/hub.h"

#include <string_view>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace quern::llm {
namespace {

// "http://127.0.0.1:8000/v1" and model "qwen": "127.0.0.1:8000/v1 qwen".
std::string NameOf(const v1::ModelSpec& model, const std::string& base_url) {
  const size_t scheme = base_url.find("://");
  const std::string place = scheme == std::string::npos ? base_url : base_url.substr(scheme + 3);
  // Whatever stands before an @ could be a password.
  const size_t at = place.find('@');
  return absl::StrCat(at == std::string::npos ? place : place.substr(at + 1), " ", model.model());
}

}  // namespace

std::shared_ptr<Endpoint> Hub::EndpointFor(const v1::ModelSpec& model, const std::string& base_url) {
  v1::ModelSpec identity = model;
  identity.clear_name();
  identity.clear_base_urls();
  identity.clear_price();
  const std::string key = absl::StrCat(base_url, "\n", identity.SerializeAsString());
  absl::MutexLock lock(&mutex_);
  std::shared_ptr<Endpoint>& endpoint = endpoints_[key];
  if (endpoint == nullptr) {
    const std::string url = absl::StrCat(absl::StripSuffix(base_url, "/"), "/chat/completions");
    endpoint =
        std::make_shared<Endpoint>(NameOf(model, base_url), url, model.max_concurrency(), model.structured_output());
    if (sleeper_.stopped()) endpoint->Stop();
  }
  return endpoint;
}

void Hub::Stop() {
  sleeper_.Stop();
  if (pacer_ != nullptr) pacer_->Stop();
  if (batches_ != nullptr) batches_->Stop();
  absl::MutexLock lock(&mutex_);
  for (const auto& [key, endpoint] : endpoints_) endpoint->Stop();
}

std::vector<std::shared_ptr<const Endpoint>> Hub::endpoints() const {
  absl::MutexLock lock(&mutex_);
  std::vector<std::shared_ptr<const Endpoint>> all;
  for (const auto& [key, endpoint] : endpoints_) all.push_back(endpoint);
  return all;
}

}  // namespace quern::llm

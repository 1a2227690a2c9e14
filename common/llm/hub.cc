#include "common/llm/hub.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/endpoint_name.h"

namespace quern::llm {
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
    endpoint = std::make_shared<Endpoint>(EndpointName(base_url, model.model()), url, model.max_concurrency(),
                                          model.structured_output());
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

#include "common/queue/endpoints_down.h"

#include <string>

#include "common/base/endpoint_name.h"
#include "common/base/error.h"
#include "common/queue/keys.h"

namespace quern::queue {
namespace {

constexpr std::string_view kHoldsMs = "3000";

}  // namespace

absl::Status TellEndpointDown(Redis& redis, std::string_view endpoint, std::string_view reason) {
  return redis.Command({"SET", EndpointDownKey(endpoint), reason, "PX", kHoldsMs}).status();
}

absl::StatusOr<std::vector<v1::EndpointDown>> ReadEndpointsDown(Redis& redis, const v1::JobSpec& spec) {
  std::vector<std::string> names;
  std::vector<std::string> keys;
  for (const v1::ModelSpec& model : spec.models()) {
    for (const std::string& base_url : model.base_urls()) {
      names.push_back(EndpointName(base_url, model.model()));
      keys.push_back(EndpointDownKey(names.back()));
    }
  }
  // One by one: on a cluster they lie in different places.
  std::vector<std::vector<std::string_view>> commands;
  for (const std::string& key : keys) commands.push_back({"GET", key});
  QUERN_ASSIGN_OR_RETURN(const std::vector<Reply> reasons, redis.Pipeline(commands));
  std::vector<v1::EndpointDown> down;
  for (size_t i = 0; i < reasons.size(); ++i) {
    if (reasons[i].type == Reply::Type::kError) return ErrorOf(reasons[i]);
    if (reasons[i].type != Reply::Type::kString) continue;
    v1::EndpointDown& endpoint = down.emplace_back();
    endpoint.set_endpoint(names[i]);
    endpoint.set_reason(reasons[i].string);
  }
  return down;
}

}  // namespace quern::queue

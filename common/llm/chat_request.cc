#include "common/llm/chat_request.h"

#include <nlohmann/json.hpp>

namespace quern::llm {
namespace {

using Json = nlohmann::ordered_json;

Json Message(std::string_view role, const std::string& content) { return Json({{"role", role}, {"content", content}}); }

Json ResponseFormat(const ReplySchema& schema) {
  Json format = {{"type", "json_schema"}};
  format["json_schema"] = {{"name", schema.name}, {"strict", true}};
  format["json_schema"]["schema"] = Json::parse(schema.json);
  return format;
}

// Samples of one prompt need different seeds where the server has any: with a fixed one they would all be the same.
std::optional<int64_t> SeedOf(const ChatRequest& request) {
  if (request.sampling.has_seed()) return request.sampling.seed() + request.sample;
  if (request.sample > 0) return request.sample;
  return std::nullopt;
}

}  // namespace

std::string ChatBody(const ChatRequest& request, const v1::ModelSpec& model, v1::StructuredOutput structured,
                     uint32_t max_tokens) {
  Json body = {{"model", model.model()}};
  Json messages = Json::array({Message("user", request.prompt)});
  if (!request.correction.empty()) {
    messages.push_back(Message("assistant", request.earlier_reply));
    messages.push_back(Message("user", request.correction));
  }
  body["messages"] = std::move(messages);
  const v1::Sampling& sampling = request.sampling;
  if (sampling.has_temperature()) body["temperature"] = sampling.temperature();
  if (sampling.has_top_p()) body["top_p"] = sampling.top_p();
  body[model.max_tokens_field().empty() ? "max_tokens" : model.max_tokens_field()] = max_tokens;
  if (const auto seed = SeedOf(request)) body["seed"] = *seed;
  if (request.schema != nullptr && structured == v1::STRUCTURED_OUTPUT_JSON_SCHEMA) {
    body["response_format"] = ResponseFormat(*request.schema);
  } else if (request.schema != nullptr && structured == v1::STRUCTURED_OUTPUT_JSON_OBJECT) {
    body["response_format"] = {{"type", "json_object"}};
  }
  if (!model.extra_body().empty()) body.update(Json::parse(model.extra_body()));
  return body.dump();
}

}  // namespace quern::llm

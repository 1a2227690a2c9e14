#include "common/llm/chat_request.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "common/base/absl_view.h"

namespace quern::llm {
namespace {

using Json = nlohmann::ordered_json;

// Only what is small goes through a JSON object; the prompt is escaped once, and the schema is JSON already.
void AppendMessage(std::string_view role, const std::string& content, std::string* body) {
  absl::StrAppend(body, R"({"role":")", AbslView(role), R"(","content":)", Json(content).dump(), "}");
}

void AppendMessages(const ChatRequest& request, std::string* body) {
  body->append(R"(,"messages":[)");
  AppendMessage("user", request.prompt, body);
  if (!request.correction.empty()) {
    body->push_back(',');
    AppendMessage("assistant", request.earlier_reply, body);
    body->push_back(',');
    AppendMessage("user", request.correction, body);
  }
  body->push_back(']');
}

void AppendResponseFormat(const ReplySchema& schema, v1::StructuredOutput structured, std::string* body) {
  if (structured == v1::STRUCTURED_OUTPUT_JSON_SCHEMA) {
    absl::StrAppend(body, R"(,"response_format":{"type":"json_schema","json_schema":{"name":")", AbslView(schema.name),
                    R"(","strict":true,"schema":)", AbslView(schema.json), "}}");
  } else if (structured == v1::STRUCTURED_OUTPUT_JSON_OBJECT) {
    body->append(R"(,"response_format":{"type":"json_object"})");
  }
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
  Json fields = {{"model", model.model()}};
  const v1::Sampling& sampling = request.sampling;
  if (sampling.has_temperature()) fields["temperature"] = sampling.temperature();
  if (sampling.has_top_p()) fields["top_p"] = sampling.top_p();
  fields[model.max_tokens_field().empty() ? "max_tokens" : model.max_tokens_field()] = max_tokens;
  if (const auto seed = SeedOf(request)) fields["seed"] = *seed;
  if (!model.extra_body().empty()) fields.update(Json::parse(model.extra_body()));
  std::string body = fields.dump();
  body.pop_back();
  if (!fields.contains("messages")) AppendMessages(request, &body);
  if (request.schema != nullptr && !fields.contains("response_format")) {
    AppendResponseFormat(*request.schema, structured, &body);
  }
  body.push_back('}');
  return body;
}

}  // namespace quern::llm

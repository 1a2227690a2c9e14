#include "common/llm/chat_request.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "common/base/absl_view.h"
#include "common/base/json_text.h"

namespace quern::llm {
namespace {

using Json = nlohmann::ordered_json;

// Only what is small goes through a JSON object; messages are escaped into their place, and frame and schema are JSON
// already.
void AppendMessage(std::string_view role, std::string_view json, std::string_view text, std::string* body) {
  absl::StrAppend(body, R"({"role":")", AbslView(role), R"(","content":")", AbslView(json));
  AppendJsonEscaped(text, body);
  body->append(R"("})");
}

void AppendMessages(const ChatRequest& request, std::string* body) {
  body->append(R"(,"messages":[)");
  AppendMessage("user", request.frame == nullptr ? std::string_view() : request.frame->json, request.task, body);
  if (!request.correction.empty()) {
    body->push_back(',');
    AppendMessage("assistant", "", request.earlier_reply, body);
    body->push_back(',');
    AppendMessage("user", "", request.correction, body);
  }
  body->push_back(']');
}

void AppendResponseFormat(const ReplySchema& schema, v1::StructuredOutput structured, std::string* body) {
  if (structured == v1::STRUCTURED_OUTPUT_JSON_SCHEMA) {
    absl::StrAppend(body, R"(,"response_format":{"type":"json_schema","json_schema":{"name":")", AbslView(schema.name),
                    R"(","strict":true,"schema":)", schema.json, "}}");
  } else if (structured == v1::STRUCTURED_OUTPUT_JSON_OBJECT) {
    body->append(R"(,"response_format":{"type":"json_object"})");
  }
}

// Samples of one prompt need different seeds where the server has any: with a fixed one they would all be the same.
std::optional<int64_t> SeedOf(const ChatRequest& request, const v1::Sampling& sampling) {
  if (sampling.has_seed()) return sampling.seed() + request.sample;
  if (request.sample > 0) return request.sample;
  return std::nullopt;
}

}  // namespace

std::string ChatBody(const ChatRequest& request, const v1::Sampling& sampling, const v1::ModelSpec& model,
                     v1::StructuredOutput structured, uint32_t max_tokens) {
  Json fields = {{"model", model.model()}};
  if (sampling.has_temperature()) fields["temperature"] = sampling.temperature();
  if (sampling.has_top_p()) fields["top_p"] = sampling.top_p();
  fields[model.max_tokens_field().empty() ? "max_tokens" : model.max_tokens_field()] = max_tokens;
  if (const auto seed = SeedOf(request, sampling)) fields["seed"] = *seed;
  if (!model.extra_body().empty()) fields.update(Json::parse(model.extra_body()));
  const std::string head = fields.dump();
  std::string body;
  // Text escapes some newlines and quotes.
  body.reserve(head.size() + request.prompt_bytes() + request.prompt_bytes() / 16 +
               (request.schema == nullptr ? 0 : request.schema->json.size()) + 512);
  body.append(head, 0, head.size() - 1);
  if (!fields.contains("messages")) AppendMessages(request, &body);
  if (request.schema != nullptr && !fields.contains("response_format")) {
    AppendResponseFormat(*request.schema, structured, &body);
  }
  body.push_back('}');
  return body;
}

}  // namespace quern::llm

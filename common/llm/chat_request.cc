#include "common/llm/chat_request.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/absl_view.h"
#include "common/base/json_text.h"

namespace quern::llm {
namespace {

using Json = nlohmann::ordered_json;

// The fields of the body's object, in their order, but for messages and what is long: each with its JSON.
using Fields = std::vector<std::pair<std::string, std::string>>;

bool Contains(const Fields& fields, std::string_view name) {
  return std::any_of(fields.begin(), fields.end(), [&](const auto& field) { return field.first == name; });
}

// Puts it where one of that name is, or at the end.
void Set(std::string name, std::string json, Fields* fields) {
  const auto known =
      std::find_if(fields->begin(), fields->end(), [&](const auto& field) { return field.first == name; });
  if (known != fields->end()) {
    known->second = std::move(json);
  } else {
    fields->emplace_back(std::move(name), std::move(json));
  }
}

std::string JsonString(std::string_view text) {
  std::string json;
  AppendJsonString(text, &json);
  return json;
}

void AppendMessage(std::string_view role, std::string_view text, std::string* body) {
  absl::StrAppend(body, R"({"role":")", AbslView(role), R"(","content":)");
  AppendJsonString(text, body);
  body->push_back('}');
}

void AppendMessages(const ChatRequest& request, HttpBody* body) {
  body->before.append(R"(,"messages":[{"role":"user","content":")");
  std::string* rest = &body->before;
  if (request.frame != nullptr) {
    body->shared = std::shared_ptr<const std::string>(request.frame, &request.frame->json);
    rest = &body->after;
  }
  // Text escapes some newlines and quotes.
  rest->reserve(rest->size() + request.task.size() + request.task.size() / 16 + 512 +
                (request.schema == nullptr ? 0 : request.schema->json.size()));
  AppendJsonEscaped(request.task, rest);
  rest->append(R"("})");
  if (!request.correction.empty()) {
    rest->push_back(',');
    AppendMessage("assistant", request.earlier_reply, rest);
    rest->push_back(',');
    AppendMessage("user", request.correction, rest);
  }
  rest->push_back(']');
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

Fields FieldsOf(const ChatRequest& request, const v1::Sampling& sampling, const v1::ModelSpec& model,
                uint32_t max_tokens) {
  Fields fields = {{"model", JsonString(model.model())}};
  if (sampling.has_temperature()) Set("temperature", Json(sampling.temperature()).dump(), &fields);
  if (sampling.has_top_p()) Set("top_p", Json(sampling.top_p()).dump(), &fields);
  Set(model.max_tokens_field().empty() ? "max_tokens" : model.max_tokens_field(), absl::StrCat(max_tokens), &fields);
  if (const auto seed = SeedOf(request, sampling)) Set("seed", absl::StrCat(*seed), &fields);
  if (model.extra_body().empty()) return fields;
  const Json extra = Json::parse(model.extra_body());
  for (const auto& [name, value] : extra.items()) Set(name, value.dump(), &fields);
  return fields;
}

}  // namespace

HttpBody ChatBody(const ChatRequest& request, const v1::Sampling& sampling, const v1::ModelSpec& model,
                  v1::StructuredOutput structured, uint32_t max_tokens) {
  const Fields fields = FieldsOf(request, sampling, model, max_tokens);
  HttpBody body;
  for (const auto& [name, json] : fields) {
    body.before.push_back(body.before.empty() ? '{' : ',');
    AppendJsonString(name, &body.before);
    absl::StrAppend(&body.before, ":", json);
  }
  if (!Contains(fields, "messages")) AppendMessages(request, &body);
  std::string& end = body.shared == nullptr ? body.before : body.after;
  if (request.schema != nullptr && !Contains(fields, "response_format")) {
    AppendResponseFormat(*request.schema, structured, &end);
  }
  end.push_back('}');
  return body;
}

}  // namespace quern::llm

#include "common/llm/asking.h"

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/hash.h"
#include "common/llm/kept_parser.h"
#include "common/llm/reply.h"

namespace quern::llm {
namespace {

constexpr size_t kMostReplyBytes = 16 << 10;

absl::Status Wrong(const char* key, std::string_view should_be) {
  return MakeError(absl::StatusCode::kInvalidArgument, "SCHEMA_MISMATCH",
                   absl::StrCat("\"", key, "\" must be ", std::string(should_be)));
}

// Cut at a character's border.
std::string Shortened(std::string text) {
  if (text.size() <= kMostReplyBytes) return text;
  size_t end = kMostReplyBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  text.resize(end);
  return text;
}

// What is wrong with the text, to the model and to people.
absl::Status Judge(const std::string& text, const Accept& accept) {
  return WithJson(JsonObjectIn(text), [&](simdjson::simdjson_result<simdjson::dom::element> json) {
    simdjson::dom::object object;
    const simdjson::error_code error = json.get_object().get(object);
    if (error == simdjson::NUMBER_ERROR) {
      return MakeError(absl::StatusCode::kInvalidArgument, "MALFORMED_REPLY",
                       "a number in the JSON object cannot be read; write it as a string");
    }
    if (error != simdjson::SUCCESS) {
      return MakeError(absl::StatusCode::kInvalidArgument, "MALFORMED_REPLY", "the reply holds no whole JSON object");
    }
    return accept(object);
  });
}

std::string PromptHash(const ChatRequest& request) {
  return request.frame == nullptr ? ContentHash(request.task) : request.frame->hash.ContentHashWith(request.task);
}

void Keep(std::string text, std::string_view finish_reason, Asked* asked) {
  asked->reply.set_finish_reason(std::string(finish_reason));
  asked->reply.set_text(Shortened(std::move(text)));
}

void Add(const Spent& spent, Asked* asked) {
  asked->calls += spent.calls;
  asked->usage += spent.usage;
  asked->cost += spent.cost;
}

// True when a cached reply has answered.
bool Reuse(const Client& client, const ChatRequest& request, const std::vector<Client::Question>& questions,
           const Accept& accept, Asked* asked) {
  for (const Client::Question& question : questions) {
    std::optional<CachedReply> reply = client.Cached(question);
    if (!reply || !Judge(reply->text, accept).ok()) continue;
    client.CountReuse(request, question, *reply);
    asked->reused = 1;
    asked->reply.set_model(question.model->spec().name());
    Keep(std::move(reply->text), reply->finish_reason, asked);
    return true;
  }
  return false;
}

}  // namespace

boost::asio::awaitable<Asked> AskForObject(Client& client, ChatRequest request, Accept accept) {
  Asked asked;
  // Now that the task is in the processor's cache, not when its reply comes.
  asked.reply.set_prompt_hash(PromptHash(request));
  const std::vector<Client::Question> questions = client.Questions(request);
  if (Reuse(client, request, questions, accept, &asked)) co_return asked;
  while (true) {
    Result result = co_await client.Complete(request);
    if (auto* failure = std::get_if<Failure>(&result)) {
      if (!failure->asked.empty()) asked.reply.set_model(failure->asked);
      Keep(failure->text, failure->finish_reason, &asked);
      Add(failure->spent, &asked);
      asked.failure = std::move(*failure);
      co_return asked;
    }
    auto& completion = std::get<Completion>(result);
    Add(completion.spent, &asked);
    asked.reply.set_model(completion.asked);
    Keep(completion.text, completion.finish_reason, &asked);
    const absl::Status wrong = Judge(completion.text, accept);
    if (wrong.ok()) {
      client.Keep(questions, completion);
      co_return asked;
    }
    if (!request.correction.empty()) {
      asked.failure = Failure(Failure::Whose::kItem, wrong);
      asked.failure->finish_reason = completion.finish_reason;
      co_return asked;
    }
    request.earlier_reply = std::move(completion.text);
    request.correction =
        absl::StrCat("That was not usable: ", wrong.message(), ". Reply again with the one JSON object asked for.");
  }
}

absl::StatusOr<bool> BoolOf(const simdjson::dom::object& object, const char* key) {
  bool value = false;
  if (object.at_key(key).get_bool().get(value) != simdjson::SUCCESS) return Wrong(key, "true or false");
  return value;
}

absl::StatusOr<std::string> StringOf(const simdjson::dom::object& object, const char* key) {
  std::string_view value;
  if (object.at_key(key).get_string().get(value) != simdjson::SUCCESS) return Wrong(key, "a string");
  return std::string(value);
}

}  // namespace quern::llm

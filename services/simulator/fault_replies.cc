#include "services/simulator/fault_replies.h"

#include "absl/strings/str_cat.h"
#include "common/base/absl_view.h"

namespace quern::simulator {
namespace {

constexpr size_t kTooLargeBytes = 20 << 20;
// In bytes that a model may need to think: no braces, so that they are not taken for the answer.
constexpr std::string_view kThoughts = "The document comes first. I read it, then I do what is asked.";

Reply ErrorReply(int status, std::string_view message, std::string_view type, std::string_view code = "") {
  return Reply(status, ErrorJson(message, type, code));
}

Reply RateLimited(std::string retry_after) {
  Reply reply =
      ErrorReply(429, "Rate limit reached for requests. Please try again later.", "requests", "rate_limit_exceeded");
  if (!retry_after.empty()) reply.headers.emplace_back("Retry-After", std::move(retry_after));
  return reply;
}

Reply Foreign(int status, std::string content_type, std::string body) {
  Reply reply(status, std::move(body));
  reply.content_type = std::move(content_type);
  return reply;
}

Reply Unanswered(Ending ending) {
  Reply reply(0, "");
  reply.ending = ending;
  return reply;
}

Reply Redirect() {
  Reply reply = Foreign(307, "text/plain", "");
  reply.headers.emplace_back("Location", "http://redirected.invalid/v1/chat/completions");
  return reply;
}

}  // namespace

std::optional<Reply> ReplyInstead(Fault fault, std::string_view model) {
  switch (fault) {
    case Fault::k429:
      return RateLimited("");
    case Fault::k429RetryAfter2:
      return RateLimited("2");
    case Fault::k429Long:
      return RateLimited("100000");
    case Fault::kQuota:
      return ErrorReply(429, "You exceeded your current quota, please check your plan and billing details.",
                        "insufficient_quota", "insufficient_quota");
    case Fault::k400:
      return ErrorReply(400, "The request could not be processed.", "invalid_request_error");
    case Fault::k401:
      return ErrorReply(401, "Incorrect API key provided.", "invalid_request_error", "invalid_api_key");
    case Fault::k402:
      return ErrorReply(402, "Insufficient credits. Add more to go on.", "payment_required");
    case Fault::k403:
      return ErrorReply(403, "You are not allowed to use this model.", "permission_error", "permission_denied");
    case Fault::k404:
      return ErrorReply(404, absl::StrCat("The model `", AbslView(model), "` does not exist."), "invalid_request_error",
                        "model_not_found");
    case Fault::k422:
      return ErrorReply(422, "The request is well-formed, but its content cannot be processed.",
                        "invalid_request_error");
    case Fault::k500:
      return ErrorReply(500, "The server had an error while processing your request.", "server_error");
    case Fault::k502:
      return Foreign(502, "text/html", "<html><body><h1>502 Bad Gateway</h1></body></html>\n");
    case Fault::k503:
      return ErrorReply(503, "The engine is currently overloaded, please try again later.", "service_unavailable");
    case Fault::k504:
      return Foreign(504, "text/html", "<html><body><h1>504 Gateway Time-out</h1></body></html>\n");
    case Fault::k529:
      return ErrorReply(529, "Overloaded", "overloaded_error");
    case Fault::kHang:
      return Unanswered(Ending::kHang);
    case Fault::kClose:
      return Unanswered(Ending::kClose);
    case Fault::kEmpty:
      return Reply(200, "");
    case Fault::kHtml:
      return Foreign(200, "text/html", "<!DOCTYPE html><html><body>Please log in.</body></html>\n");
    case Fault::kErrorObject:
      return ErrorReply(200, "Provider returned error", "server_error", "provider_error");
    case Fault::kRedirect:
      return Redirect();
    default:
      return std::nullopt;
  }
}

void SpoilAnswer(Fault fault, nlohmann::ordered_json& answer) {
  if (fault != Fault::kWrongSchema || answer.empty()) return;
  // The last key is the stage's result. A verdict or a list becomes text, a text is left out.
  auto& last = answer.back();
  if (last.is_string()) {
    answer.erase(std::prev(answer.end()).key());
  } else {
    last = "yes";
  }
}

void SpoilCompletion(Fault fault, CompletionBody& completion) {
  switch (fault) {
    case Fault::kNoChoices:
      completion.no_choices = true;
      return;
    case Fault::kNullContent:
      completion.null_content = true;
      return;
    case Fault::kLength:
      CutText(completion.content, completion.content.size() / 2);
      completion.finish_reason = "length";
      return;
    case Fault::kMalformed:
      CutText(completion.content, completion.content.size() / 2);
      return;
    case Fault::kContentFilter:
      completion.content.clear();
      completion.finish_reason = "content_filter";
      return;
    case Fault::kRefusal:
      completion.null_content = true;
      completion.refusal = "I'm sorry, but I can't help with that.";
      return;
    case Fault::kToolCalls:
      completion.null_content = true;
      completion.tool_call = true;
      completion.finish_reason = "tool_calls";
      return;
    case Fault::kNoUsage:
      completion.no_usage = true;
      return;
    case Fault::kOtherModel:
      completion.model += "-other";
      return;
    case Fault::kFenced:
      completion.content = absl::StrCat("```json\n", completion.content, "\n```");
      return;
    case Fault::kThink:
      completion.content = absl::StrCat("<think>\n", AbslView(kThoughts), "\n</think>\n\n", completion.content);
      return;
    case Fault::kReasoning:
      completion.reasoning = kThoughts;
      return;
    default:
      return;
  }
}

void SpoilReply(Fault fault, Reply& reply) {
  if (fault == Fault::kReset) reply.ending = Ending::kReset;
  // White space is part of no value: a client without a cap reads a completion.
  if (fault == Fault::kTooLarge) reply.body.append(kTooLargeBytes, ' ');
  constexpr std::string_view kContent = "\"content\":\"";
  const size_t content = fault == Fault::kBadUtf8 ? reply.body.find(kContent) : std::string::npos;
  if (content != std::string::npos) reply.body.insert(content + kContent.size(), "\xC0\xAF\xFF");
  if (fault != Fault::kAbsurdRateHeaders) return;
  reply.headers.emplace_back("Retry-After", "-5");
  reply.headers.emplace_back("x-ratelimit-limit-requests", "1e308");
  reply.headers.emplace_back("x-ratelimit-remaining-requests", "banana");
  reply.headers.emplace_back("x-ratelimit-reset-requests", "99999999999h");
  reply.headers.emplace_back("x-ratelimit-reset-tokens", "-1s");
}

void CutText(std::string& text, size_t bytes) {
  if (bytes >= text.size()) return;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) --bytes;
  text.resize(bytes);
}

}  // namespace quern::simulator

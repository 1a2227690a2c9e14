#include "common/llm/reply.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/absl_view.h"
#include "common/llm/refusal.h"
#include "common/llm/reply_envelope.h"
#include "common/llm/reply_text.h"
#include "common/llm/reply_thinking.h"
#include "common/llm/retry_after.h"

namespace quern::llm {
namespace {

using Verdict = Reading::Verdict;

// "length" is OpenAI's word and nearly everyone's.
constexpr std::string_view kCutReasons[] = {"length", "max_tokens", "model_length", "model_context_window_exceeded"};
// Azure; Gemini; Z.AI.
constexpr std::string_view kFilterReasons[] = {"content_filter", "safety", "sensitive"};
// The generation ended before its time: vLLM and SGLang; OpenRouter; Z.AI; DeepSeek.
constexpr std::string_view kBrokenReasons[] = {"abort", "error", "network_error", "insufficient_system_resource"};

template <size_t N>
bool IsOneOf(const std::string& word, const std::string_view (&words)[N]) {
  for (const std::string_view each : words) {
    if (word == each) return true;
  }
  return false;
}

Reading ReadNoAnswer(const HttpReply& reply) {
  Reading reading;
  switch (reply.outcome) {
    case HttpReply::Outcome::kNotSent:
      return NoCompletion(Verdict::kUnreachable, "UNREACHABLE", "the server cannot be reached", reply.error);
    case HttpReply::Outcome::kTooLong:
      reading = NoCompletion(Verdict::kBroken, "REPLY_TOO_LARGE", "the reply is longer than allowed", reply.error);
      break;
    default:
      reading = reply.timed_out
                    ? NoCompletion(Verdict::kBroken, "TIMED_OUT", "no reply in time", reply.error)
                    : NoCompletion(Verdict::kBroken, "CONNECTION_LOST", "the connection broke", reply.error);
  }
  reading.ambiguous = true;
  return reading;
}

// An error behind a 2xx: OpenRouter and other gateways, which begin their reply before the model does.
Reading ReadHiddenError(const ServerError& error) {
  if (const int meant = error.Status()) return ReadRefusal(meant, error);
  return NoCompletion(Verdict::kBroken, "NOT_A_COMPLETION", "the reply is an error in spite of its status",
                      error.message);
}

// What the first choice is worth: refusals before the length, and that before the content.
Reading JudgeChoice(const Envelope& envelope, const Completion& completion) {
  const std::string finish = absl::AsciiStrToLower(completion.finish_reason);
  const bool has_text = !absl::StripAsciiWhitespace(completion.text).empty();
  // Next to a text that ended well, an error is none.
  if (envelope.choice_error && (!has_text || IsOneOf(finish, kBrokenReasons))) {
    return ReadHiddenError(*envelope.choice_error);
  }
  if (IsOneOf(finish, kFilterReasons)) {
    return NoCompletion(Verdict::kRefused, "CONTENT_FILTERED", "a content filter cut the reply");
  }
  if (!envelope.refusal.empty() || finish == "refusal") {
    return NoCompletion(Verdict::kRefused, "MODEL_REFUSED", "the model refuses to answer");
  }
  if (IsOneOf(finish, kCutReasons)) {
    return NoCompletion(Verdict::kTruncated, "", "");
  }
  if (IsOneOf(finish, kBrokenReasons)) {
    return NoCompletion(Verdict::kBroken, "NOT_A_COMPLETION", "the server gave up on the reply half-way", finish);
  }
  if (has_text) return NoCompletion(Verdict::kComplete, "", "");
  if (envelope.calls_tools) {
    return NoCompletion(Verdict::kBroken, "UNASKED_TOOL_CALL", "the model calls a tool, though none was offered");
  }
  return NoCompletion(
      Verdict::kBroken, "NULL_CONTENT",
      completion.reasoning.empty() ? "the reply has no content" : "the reply has reasoning but no content");
}

Reading ReadChoices(Envelope envelope, size_t prompt_bytes) {
  Completion completion;
  completion.text = std::move(envelope.content);
  completion.reasoning = std::move(envelope.reasoning);
  completion.finish_reason = std::move(envelope.finish_reason);
  completion.model = std::move(envelope.model);
  const size_t bytes = completion.text.size() + completion.reasoning.size();
  completion.usage = UsageOf(envelope.tokens, prompt_bytes, bytes);
  SplitThinking(&completion);
  Reading reading = JudgeChoice(envelope, completion);
  if (reading.reason == "MODEL_REFUSED" && completion.text.empty()) completion.text = std::move(envelope.refusal);
  reading.completion = std::move(completion);
  return reading;
}

// A 2xx that is not JSON. Of a page its title is told; other text may be the model's.
Reading ReadPage(std::string_view body, const ServerError& error) {
  const size_t first = body.find_first_not_of(" \t\r\n");
  const bool page = first != std::string_view::npos && body[first] == '<';
  Reading reading = NoCompletion(Verdict::kBroken, "NOT_A_COMPLETION",
                                 "the reply is not whole JSON; check the base URL", page ? error.message : "");
  reading.blames_request = true;
  return reading;
}

Reading ReadAnswer(const HttpReply& reply, size_t prompt_bytes) {
  Envelope envelope = ReadEnvelope(reply.body);
  switch (envelope.form) {
    case Envelope::Form::kEmpty:
      return NoCompletion(Verdict::kBroken, "EMPTY_REPLY", "the server answers with nothing");
    case Envelope::Form::kNotUtf8:
      return NoCompletion(Verdict::kBroken, "REPLY_NOT_UTF8", "the reply is not UTF-8");
    case Envelope::Form::kNotJson:
      return ReadPage(reply.body, *envelope.error);
    case Envelope::Form::kJson:
      break;
  }
  if (envelope.error) return ReadHiddenError(*envelope.error);
  if (envelope.has_choice) return ReadChoices(std::move(envelope), prompt_bytes);
  if (envelope.has_choices) {
    Reading reading = NoCompletion(Verdict::kBroken, "NO_CHOICES", "the reply has no choices");
    // What it says to have used is billed.
    if (envelope.tokens.input) reading.completion.usage = UsageOf(envelope.tokens, prompt_bytes, 0);
    return reading;
  }
  Reading reading =
      NoCompletion(Verdict::kBroken, "NOT_A_COMPLETION", "the reply is JSON but no completion; check the base URL");
  reading.blames_request = true;
  return reading;
}

Reading ReadStatus(const HttpReply& reply) {
  if (reply.status >= 300 && reply.status < 400) {
    return NoCompletion(
        Verdict::kForAPerson, "REDIRECTED",
        absl::StrFormat("the server redirects (%d), which is not followed; give the base URL it means", reply.status));
  }
  // Pages in another encoding lose their words here, and keep the verdict of their status.
  return ReadRefusal(reply.status, ReadEnvelope(reply.body).error.value_or(ServerError()));
}

}  // namespace

Reading ReadReply(const HttpReply& reply, size_t prompt_bytes, absl::Time now) {
  if (reply.outcome != HttpReply::Outcome::kAnswered) return ReadNoAnswer(reply);
  const bool success = reply.status >= 200 && reply.status < 300;
  Reading reading = success ? ReadAnswer(reply, prompt_bytes) : ReadStatus(reply);
  if (success && reading.verdict == Verdict::kBroken) reading.ambiguous = true;
  if (reading.reason == "RATE_LIMITED") {
    reading.retry_after = RateLimitReset(reply, now);
  } else if (reading.verdict == Verdict::kOverloaded || reading.verdict == Verdict::kBroken) {
    reading.retry_after = RetryAfter(reply, now);
  }
  return reading;
}

}  // namespace quern::llm

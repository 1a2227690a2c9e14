#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "common/llm/completion.h"
#include "common/llm/http_client.h"

namespace quern::llm {

// What a reply to a chat completion means, whatever form the server gave it: the one place that knows servers' habits.
// Pure functions.

struct Reading {
  // What to do about it.
  enum class Verdict {
    // `completion` is whole.
    kComplete,
    // finish_reason "length": `completion` is cut off.
    kTruncated,
    // 429 (not for want of money), 503, 529: slow down, and wait for `retry_after` where it is known.
    kOverloaded,
    // Nothing was sent: refused, no address, TLS.
    kUnreachable,
    // 500, 502, 504, 408, an empty or foreign 2xx body, a connection that broke or a time-out: another try may do
    // better.
    kBroken,
    // This request and no other: the context is too long, the content was filtered or refused, another 4xx.
    kRefused,
    // response_format or another parameter is not known here (a 400 or 422 that names it).
    kUnsupportedParameter,
    // 401, 402, 403, 404 for the model, 429 for want of money, a redirect: for a person.
    kForAPerson,
  };

  Reading() = default;

  Verdict verdict = Verdict::kBroken;
  // When complete or truncated. Of another 2xx with choices, what there is of it: its usage costs money all the same.
  Completion completion;
  // Otherwise: a stable reason and a sentence for people, with the server's own message, shortened to 300 bytes.
  // Reasons: RATE_LIMITED, OVERLOADED, UNREACHABLE, HTTP_<status>, EMPTY_REPLY, NOT_A_COMPLETION, NO_CHOICES,
  // NULL_CONTENT, UNASKED_TOOL_CALL, CONNECTION_LOST, TIMED_OUT, REPLY_TOO_LARGE, REPLY_NOT_UTF8, CONTEXT_TOO_LONG,
  // CONTENT_FILTERED, MODEL_REFUSED, BAD_REQUEST, PARAMETER_UNSUPPORTED, KEY_REFUSED, NO_PERMISSION, QUOTA_EXHAUSTED,
  // MODEL_NOT_FOUND, REDIRECTED.
  std::string reason;
  std::string message;
  // kUnsupportedParameter: the parameter's name as far as it is known ("response_format", "temperature", "max_tokens",
  // …).
  std::string parameter;
  // How long the server asks to wait, from Retry-After (seconds or an HTTP date), retry-after-ms, or
  // x-ratelimit-reset-requests / -tokens
  // ("1s", "6m0s", "250ms"). Absurd values (negative, not a number, over a year) are none.
  std::optional<absl::Duration> retry_after;
  // Nothing passing on the server's side: the request, or where it was sent, looks wrong (BAD_REQUEST, a page, JSON
  // that is no completion). One document may be the cause of one such reply, never of all.
  bool blames_request = false;
  // The server may have done the work and may bill it although no completion came back.
  bool ambiguous = false;
};

// Reads the reply to a chat completion. `prompt_bytes` serves to estimate the usage where the server does not tell it
// (4 bytes a token). `now` is for dates in Retry-After.
Reading ReadReply(const HttpReply& reply, size_t prompt_bytes, absl::Time now);

// The JSON object in a model's text: the text itself, or the inside of its first fenced block, or what stands between
// the first brace and the last one; nothing is added to it, so brackets that are missing stay missing. Empty where
// there is none.
std::string_view JsonObjectIn(std::string_view text);

}  // namespace quern::llm

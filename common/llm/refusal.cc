#include "common/llm/refusal.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/absl_view.h"
#include "common/llm/refusal_kind.h"
#include "common/llm/reply_text.h"
#include "common/llm/unsupported_parameter.h"

namespace quern::llm {
namespace {

using Verdict = Reading::Verdict;

Reading WithoutMoney(std::string_view said) {
  return NoCompletion(Verdict::kForAPerson, "QUOTA_EXHAUSTED", "the account has no money or quota left", said);
}

Reading UnknownModel(std::string_view said) {
  return NoCompletion(Verdict::kForAPerson, "MODEL_NOT_FOUND",
                      "the server knows no such model, or the base URL is wrong: check both", said);
}

// Some servers repeat the key that they refuse (older LiteLLM in full).
Reading KeyRefused(std::string_view said) {
  return NoCompletion(Verdict::kForAPerson, "KEY_REFUSED", "the server refuses the API key", WithoutKeys(said));
}

Reading TooLong(std::string_view said) {
  return NoCompletion(Verdict::kRefused, "CONTEXT_TOO_LONG", "the prompt is too long for the model", said);
}

Reading Filtered(std::string_view said) {
  return NoCompletion(Verdict::kRefused, "CONTENT_FILTERED", "a content filter refused the prompt or the reply", said);
}

// 400, 422 and what has no case of its own: which of many things the request has wrong, only the words tell.
Reading ReadBadRequest(int status, const ServerError& error) {
  switch (KindOfRefusal(error)) {
    case RefusalKind::kContext:
      return TooLong(error.message);
    case RefusalKind::kContent:
      return Filtered(error.message);
    case RefusalKind::kMoney:
      return WithoutMoney(error.message);
    case RefusalKind::kKey:
      return KeyRefused(error.message);
    case RefusalKind::kModel:
      return UnknownModel(error.message);
    case RefusalKind::kOther:
      break;
  }
  if (status == 400 || status == 422) {
    if (auto parameter = UnsupportedParameter(error)) {
      Reading reading = NoCompletion(
          Verdict::kUnsupportedParameter, "PARAMETER_UNSUPPORTED",
          absl::StrCat("the server does not take ", parameter->empty() ? "a field of the request" : *parameter),
          error.message);
      reading.parameter = *std::move(parameter);
      return reading;
    }
  }
  Reading reading = NoCompletion(Verdict::kRefused, "BAD_REQUEST",
                                 absl::StrFormat("the server refuses the request (%d)", status), error.message);
  reading.blames_request = true;
  return reading;
}

Reading ReadTooMany(const ServerError& error) {
  switch (KindOfRefusal(error)) {
    case RefusalKind::kContext:
      return TooLong(error.message);
    case RefusalKind::kMoney:
      return WithoutMoney(error.message);
    default:
      return NoCompletion(Verdict::kOverloaded, "RATE_LIMITED", "the server asks for fewer requests", error.message);
  }
}

Reading ReadForbidden(const ServerError& error) {
  switch (KindOfRefusal(error)) {
    // OpenRouter's moderation: this prompt and no other.
    case RefusalKind::kContent:
      return Filtered(error.message);
    case RefusalKind::kMoney:
      return WithoutMoney(error.message);
    default:
      return NoCompletion(Verdict::kForAPerson, "NO_PERMISSION", "the server does not permit this", error.message);
  }
}

Reading ReadFault(int status, const ServerError& error) {
  // Older llama.cpp (and servers behind LiteLLM) say 500 for a prompt that is too long.
  if (status == 500 && KindOfRefusal(error) == RefusalKind::kContext) return TooLong(error.message);
  Reading reading = NoCompletion(Verdict::kBroken, absl::StrFormat("HTTP_%d", status),
                                 absl::StrFormat("the server failed (%d)", status), error.message);
  // A time-out: of the server, of a gateway, of Cloudflare. The model may be at work behind it.
  reading.ambiguous = status == 408 || status == 504 || status == 524;
  return reading;
}

}  // namespace

Reading NoCompletion(Verdict verdict, std::string_view reason, std::string_view sentence, std::string_view said) {
  Reading reading;
  reading.verdict = verdict;
  reading.reason = reason;
  reading.message = sentence;
  if (!said.empty()) absl::StrAppend(&reading.message, ": ", Shortened(said));
  return reading;
}

Reading ReadRefusal(int status, const ServerError& error) {
  switch (status) {
    case 401:
      return KeyRefused(error.message);
    case 402:
      return WithoutMoney(error.message);
    case 403:
      return ReadForbidden(error);
    // 405: something serves this address, but no completions.
    case 404:
    case 405:
      return UnknownModel(error.message);
    case 407:
      return NoCompletion(Verdict::kForAPerson, "NO_PERMISSION", "the proxy wants a user and a password");
    case 408:
      return ReadFault(status, error);
    case 413:
      return TooLong(error.message);
    case 429:
      return ReadTooMany(error);
    case 503:
    case 529:
      return NoCompletion(Verdict::kOverloaded, "OVERLOADED", absl::StrFormat("the server is overloaded (%d)", status),
                          error.message);
    default:
      return status >= 400 && status < 500 ? ReadBadRequest(status, error) : ReadFault(status, error);
  }
}

}  // namespace quern::llm

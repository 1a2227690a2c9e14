#include "common/llm/retry_after.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "common/base/absl_view.h"

namespace quern::llm {
namespace {

constexpr absl::Duration kLongestSaneWait = absl::Hours(24 * 365);

std::string_view RetryHeader(const HttpReply& reply, std::string_view name) {
  for (const auto& [key, value] : reply.headers) {
    if (key == name) return StdView(absl::StripAsciiWhitespace(AbslView(value)));
  }
  return "";
}

std::optional<absl::Duration> SaneWait(absl::Duration wait) {
  if (wait < absl::ZeroDuration() || wait > kLongestSaneWait) return std::nullopt;
  return wait;
}

// A number of `unit`. Digits and at most one point: no sign, exponent, "nan" or "inf", which SimpleAtod would take.
std::optional<absl::Duration> NumberOf(absl::Duration unit, std::string_view text) {
  if (text.empty() || text.size() > 20 || text.find_first_not_of("0123456789.") != std::string_view::npos) {
    return std::nullopt;
  }
  double number = 0;
  if (!absl::SimpleAtod(AbslView(text), &number)) return std::nullopt;
  return SaneWait(number * unit);
}

std::optional<absl::Duration> UntilDate(std::string_view text, absl::Time now) {
  // IMF-fixdate, which servers must send, then RFC 850 and asctime, which they once did.
  for (const char* format : {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y"}) {
    absl::Time date;
    if (absl::ParseTime(format, AbslView(text), &date, nullptr)) return SaneWait(date - now);
  }
  return std::nullopt;
}

std::optional<absl::Duration> ResetOf(const HttpReply& reply, std::string_view header) {
  const std::string_view text = RetryHeader(reply, header);
  if (const auto seconds = NumberOf(absl::Seconds(1), text)) return seconds;
  absl::Duration wait;
  if (!absl::ParseDuration(AbslView(text), &wait)) return std::nullopt;
  return SaneWait(wait);
}

}  // namespace

std::optional<absl::Duration> RetryAfter(const HttpReply& reply, absl::Time now) {
  if (const auto wait = NumberOf(absl::Milliseconds(1), RetryHeader(reply, "retry-after-ms"))) return wait;
  const std::string_view text = RetryHeader(reply, "retry-after");
  if (const auto wait = NumberOf(absl::Seconds(1), text)) return wait;
  return UntilDate(text, now);
}

std::optional<absl::Duration> RateLimitReset(const HttpReply& reply, absl::Time now) {
  if (const auto wait = RetryAfter(reply, now)) return wait;
  const auto requests = ResetOf(reply, "x-ratelimit-reset-requests");
  const auto tokens = ResetOf(reply, "x-ratelimit-reset-tokens");
  if (!requests || !tokens) return requests ? requests : tokens;
  // Both headers come with every reply of OpenAI, also for the limit that has room; the one with nothing left is meant.
  // Where that isn't told the shorter wait is tried: a daily limit's reset may be hours away.
  const bool no_requests = RetryHeader(reply, "x-ratelimit-remaining-requests") == "0";
  const bool no_tokens = RetryHeader(reply, "x-ratelimit-remaining-tokens") == "0";
  if (no_requests && no_tokens) return std::max(*requests, *tokens);
  if (no_requests || no_tokens) return no_requests ? requests : tokens;
  return std::min(*requests, *tokens);
}

}  // namespace quern::llm

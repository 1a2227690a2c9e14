#pragma once

#include <optional>

#include "absl/time/time.h"
#include "common/llm/http_client.h"

namespace quern::llm {

// How long a server asks to wait before the next request, from retry-after-ms (OpenAI, Azure) or Retry-After (seconds,
// also with a fraction, or one of the three dates of RFC 9110, section 5.6.7). Nothing where it does not say, or says
// what cannot be: a negative time, a date that has passed, more than a year.
std::optional<absl::Duration> RetryAfter(const HttpReply& reply, absl::Time now);

// The same for a rate limit: where neither header is there, x-ratelimit-reset-requests and -tokens ("250ms", "6m0s",
// "1h2m3.5s", or bare seconds) tell when the limit that is used up opens again.
std::optional<absl::Duration> RateLimitReset(const HttpReply& reply, absl::Time now);

}  // namespace quern::llm

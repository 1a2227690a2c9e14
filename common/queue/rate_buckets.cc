#include "common/queue/rate_buckets.h"

#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/queue/keys.h"
#include "common/queue/scripts.h"

namespace quern::queue {

absl::StatusOr<RateBuckets::Taken> RateBuckets::Take(const std::string& account, uint64_t calls_per_minute,
                                                     uint64_t tokens_per_minute, absl::Span<const uint64_t> tokens,
                                                     int64_t correction) {
  std::vector<std::string> numbers = {absl::StrCat(calls_per_minute), absl::StrCat(tokens_per_minute),
                                      absl::StrCat(correction)};
  for (const uint64_t of_call : tokens) numbers.push_back(absl::StrCat(of_call));
  const std::vector<std::string_view> arguments(numbers.begin(), numbers.end());
  QUERN_ASSIGN_OR_RETURN(const Reply reply, redis_.Run(kTakeRate, {RateKey(account)}, arguments));
  Taken taken;
  taken.calls = static_cast<size_t>(reply.array[0].integer);
  taken.wait = absl::Milliseconds(reply.array[1].integer);
  return taken;
}

}  // namespace quern::queue

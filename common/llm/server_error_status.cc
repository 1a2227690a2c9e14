#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/numbers.h"
#include "common/base/absl_view.h"
#include "common/llm/reply_text.h"
#include "common/llm/server_error.h"

namespace quern::llm {

int ServerError::Status() const {
  int number = 0;
  if (absl::SimpleAtoi(AbslView(code), &number)) return number >= 400 && number < 600 ? number : 0;
  // The first that code or type is decides.
  static constexpr std::pair<std::string_view, int> kStatusOfWord[] = {
      {"insufficient_quota", 429},    {"exceeded_current_quota_error", 429},
      {"rate_limit_exceeded", 429},   {"rate_limit_error", 429},
      {"ratelimiterror", 429},        {"too_many_requests", 429},
      {"resource_exhausted", 429},    {"billing_hard_limit_reached", 429},
      {"budget_exceeded", 429},       {"overloaded_error", 529},
      {"unavailable_error", 503},     {"context_length_exceeded", 400},
      {"content_filter", 400},        {"exceed_context_size_error", 400},
      {"invalid_api_key", 401},       {"authentication_error", 401},
      {"permission_error", 403},      {"model_not_found", 404},
      {"not_found_error", 404},       {"notfounderror", 404},
      {"request_too_large", 413},     {"unsupported_parameter", 400},
      {"invalid_request_error", 400}, {"badrequesterror", 400},
      {"timeout_error", 504},         {"api_error", 500},
      {"server_error", 500},          {"internal_server_error", 500},
      {"internalservererror", 500},
  };
  const std::string words[] = {Lowered(code), Lowered(type)};
  for (const auto& [word, status] : kStatusOfWord) {
    if (words[0] == word || words[1] == word) return status;
  }
  return 0;
}

}  // namespace quern::llm

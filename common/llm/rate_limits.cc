#include "common/llm/rate_limits.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/hash.h"

namespace quern::llm {

RateAccount RateAccountOf(const v1::ModelSpec& model) {
  std::vector<std::string> urls(model.base_urls().begin(), model.base_urls().end());
  std::sort(urls.begin(), urls.end());
  RateAccount account;
  account.id = ContentHash(absl::StrCat(absl::StrJoin(urls, " "), "\n", model.model(), "\n", model.api_key_env(), "\n",
                                        model.api_key_file()));
  account.calls_per_minute = model.requests_per_minute();
  account.tokens_per_minute = model.tokens_per_minute();
  return account;
}

}  // namespace quern::llm

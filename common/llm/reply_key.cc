#include "common/llm/reply_key.h"

#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/absl_view.h"
#include "common/base/hash.h"

namespace quern::llm {
namespace {

// Each part with its length before it, so that no two lists of parts give the same bytes.
void AppendPart(std::string_view part, std::string* bytes) { absl::StrAppend(bytes, part.size(), ":", AbslView(part)); }

}  // namespace

std::string ReplyKey(const v1::ModelSpec& model, const v1::Sampling& sampling, const ChatRequest& request) {
  std::string bytes;
  bytes.reserve(request.prompt_bytes() + 1024);
  AppendPart(model.model(), &bytes);
  AppendPart(model.extra_body(), &bytes);
  // What is not set is told from a zero; "%.17g" tells any two numbers apart.
  AppendPart(sampling.has_temperature() ? absl::StrFormat("%.17g", sampling.temperature()) : "", &bytes);
  AppendPart(sampling.has_top_p() ? absl::StrFormat("%.17g", sampling.top_p()) : "", &bytes);
  AppendPart(sampling.has_max_tokens() ? absl::StrCat(sampling.max_tokens()) : "", &bytes);
  AppendPart(sampling.has_seed() ? absl::StrCat(sampling.seed()) : "", &bytes);
  AppendPart(absl::StrCat(request.sample), &bytes);
  AppendPart(request.schema != nullptr ? std::string_view(request.schema->json) : std::string_view(), &bytes);
  const std::string_view frame = request.frame_text();
  absl::StrAppend(&bytes, frame.size() + request.task.size(), ":", AbslView(frame), request.task);
  return ContentHash(bytes);
}

}  // namespace quern::llm

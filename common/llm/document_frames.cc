#include "common/llm/document_frames.h"

#include <utility>

namespace quern::llm {
std::shared_ptr<const DocumentFrame> DocumentFrames::Of(const v1::Document& document) {
  const absl::uint128 key = frames_.KeyOf(document.text(), document.title());
  if (auto known = frames_.Find(key)) return known;
  auto made = std::make_shared<const DocumentFrame>(document);
  const size_t bytes = made->text.size() + made->json.size();
  return frames_.Keep(key, std::move(made), bytes);
}

}  // namespace quern::llm

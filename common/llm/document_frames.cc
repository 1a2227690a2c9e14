#include "common/llm/document_frames.h"

#include <cstdint>
#include <utility>

namespace quern::llm {

std::shared_ptr<const DocumentFrame> DocumentFrames::Of(const std::shared_ptr<const v1::Document>& document) {
  // Its address may be another document's in a moment.
  if (document.use_count() == 0) return std::make_shared<const DocumentFrame>(*document);
  const auto key = static_cast<absl::uint128>(reinterpret_cast<uintptr_t>(document.get()));
  std::shared_ptr<const Framed> framed = frames_.Find(key);
  if (framed == nullptr) {
    auto made = std::make_shared<const Framed>(document);
    const size_t bytes = document->ByteSizeLong() + made->frame.text.size() + made->frame.json.size();
    framed = frames_.Keep(key, std::move(made), bytes);
  }
  const DocumentFrame* const frame = &framed->frame;
  return {std::move(framed), frame};
}

}  // namespace quern::llm

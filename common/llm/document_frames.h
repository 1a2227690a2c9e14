#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "absl/time/time.h"
#include "common/base/recent_values.h"
#include "common/llm/document_frame.h"

namespace quern::llm {

// The frames of the documents that were asked about last: a document's calls, eight by default, come within seconds
// of each other, and each would make the same frame. Known by the document's object, which a process's stages share.
// Thread-safe.
class DocumentFrames {
 public:
  // `most_bytes` of documents and their frames are kept, besides what its users hold.
  explicit DocumentFrames(size_t most_bytes = size_t{128} << 20) : frames_(most_bytes) {}

  // The document must not change. One that the pointer does not own gets a frame that is not kept.
  std::shared_ptr<const DocumentFrame> Of(const std::shared_ptr<const v1::Document>& document);

  // Gives up what nobody has asked for since `time`.
  void ForgetUnusedSince(absl::Time time) { frames_.ForgetUnusedSince(time); }

  // For tests.
  size_t bytes() const { return frames_.bytes(); }

 private:
  struct Framed {
    explicit Framed(std::shared_ptr<const v1::Document> document_in)
        : document(std::move(document_in)), frame(*document) {}

    // Its address is no other document's while this is kept.
    const std::shared_ptr<const v1::Document> document;
    const DocumentFrame frame;
  };

  RecentValues<Framed> frames_;
};

}  // namespace quern::llm

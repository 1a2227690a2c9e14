#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "clients/cli/ratio_estimate.h"
#include "quern/v1/document.pb.h"

namespace quern::cli {

// Draws a random sample of a stream of documents, in memory for the sample alone. It keeps the documents whose ids have
// the smallest hashes under a seed (bottom-k sampling; E. Cohen, H. Kaplan, "Summarizing data using bottom-k sketches",
// PODC 2007): of the different documents every choice of so many is equally likely, whatever their order, the same seed
// draws the same, and, unlike a reservoir, it neither prefers what stands there often nor forgets how often that was.
// Thread-compatible.
class DocumentSample {
 public:
  // `size` is at least 1.
  DocumentSample(size_t size, uint64_t seed) : size_(size), seed_(seed) {}

  // The document has an id. Of documents with one id the first is kept, as a job does.
  void Add(const v1::Document& document);

  // In the order of their hashes.
  std::vector<v1::Document> Documents() const;
  // In the same order.
  SampleFrame Frame() const;

 private:
  struct Drawn {
    v1::Document document;
    uint64_t copies = 0;
    uint64_t bytes = 0;
  };

  const size_t size_;
  const uint64_t seed_;
  // By the hash of the id, and the id for the rare hash that two share.
  std::map<std::pair<uint64_t, std::string>, Drawn> drawn_;
  // Whether a document was left out.
  bool left_out_ = false;
  uint64_t all_copies_ = 0;
  uint64_t all_bytes_ = 0;
};

}  // namespace quern::cli

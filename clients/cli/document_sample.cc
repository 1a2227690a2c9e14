#include "clients/cli/document_sample.h"

#include <iterator>
#include <string>
#include <utility>

#include "common/base/hash.h"

namespace quern::cli {

void DocumentSample::Add(const v1::Document& document) {
  ++all_copies_;
  all_bytes_ += document.text().size();
  const std::pair key(Hash64(document.id(), seed_), document.id());
  auto at = drawn_.find(key);
  if (at == drawn_.end()) {
    if (drawn_.size() == size_ && key > std::prev(drawn_.end())->first) {
      left_out_ = true;
      return;
    }
    at = drawn_.emplace(key, Drawn{document, 0, 0}).first;
    if (drawn_.size() > size_) {
      drawn_.erase(std::prev(drawn_.end()));
      left_out_ = true;
    }
  }
  ++at->second.copies;
  at->second.bytes += document.text().size();
}

std::vector<v1::Document> DocumentSample::Documents() const {
  std::vector<v1::Document> documents;
  for (const auto& [key, drawn] : drawn_) documents.push_back(drawn.document);
  return documents;
}

SampleFrame DocumentSample::Frame() const {
  SampleFrame frame;
  for (const auto& [key, drawn] : drawn_) {
    frame.copies.push_back(static_cast<double>(drawn.copies));
    frame.bytes.push_back(static_cast<double>(drawn.bytes));
  }
  frame.all_copies = static_cast<double>(all_copies_);
  frame.all_bytes = static_cast<double>(all_bytes_);
  frame.complete = !left_out_;
  return frame;
}

}  // namespace quern::cli

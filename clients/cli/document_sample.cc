#include "clients/cli/document_sample.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "common/base/hash.h"

namespace quern::cli {

namespace {

// A call reads some two thousand bytes of task beside its document.
double WeightOf(const v1::Document& document) { return 2000 + static_cast<double>(document.text().size()); }

}  // namespace

double DocumentSample::PriorityOf(const v1::Document& document) const {
  // Uniform in (0, 1], of 53 bits.
  const double uniform = std::ldexp(static_cast<double>((Hash64(document.id(), seed_) >> 11) + 1), -53);
  return WeightOf(document) / uniform;
}

void DocumentSample::Add(const v1::Document& document) {
  ++all_copies_;
  all_bytes_ += document.text().size();
  const auto known = priorities_.find(document.id());
  const std::pair key(known == priorities_.end() ? PriorityOf(document) : known->second, document.id());
  auto at = drawn_.find(key);
  if (at == drawn_.end()) {
    if (drawn_.size() == size_ && key < std::prev(drawn_.end())->first) {
      left_out_ = std::max(left_out_, key.first);
      return;
    }
    at = drawn_.emplace(key, Drawn{document, WeightOf(document), 0, 0}).first;
    priorities_.emplace(key.second, key.first);
    if (drawn_.size() > size_) {
      const auto last = std::prev(drawn_.end());
      left_out_ = std::max(left_out_, last->first.first);
      priorities_.erase(last->first.second);
      drawn_.erase(last);
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
    frame.stands_for.push_back(std::max(drawn.weight, left_out_) / drawn.weight);
    frame.copies.push_back(static_cast<double>(drawn.copies));
    frame.bytes.push_back(static_cast<double>(drawn.bytes));
  }
  frame.all_copies = static_cast<double>(all_copies_);
  frame.all_bytes = static_cast<double>(all_bytes_);
  frame.complete = left_out_ == 0;
  return frame;
}

}  // namespace quern::cli

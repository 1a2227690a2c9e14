#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "clients/cli/ratio_estimate.h"
#include "quern/v1/document.pb.h"

namespace quern::cli {

// Draws a random sample of a stream of documents, in memory for the sample alone: priority sampling (N. Duffield, C.
// Lund, M. Thorup, "Priority sampling for estimation of arbitrary subset sums", J. ACM 54(6), 2007). A document of
// weight w and a uniform hash u of its id has priority w/u; those with the highest are kept, and stand for max(w, t)/w
// documents each, where t is the highest priority that was left out. The weight is what a model would read, so long
// documents, which make most of the cost, are mostly in the sample. Copies have one id and one hash: the draw does not
// depend on the order, nor prefer what stands there often. The same seed draws the same. Thread-compatible.
class DocumentSample {
 public:
  // `size` is at least 1.
  DocumentSample(size_t size, uint64_t seed) : size_(size), seed_(seed) {}

  // The document has an id. Of documents with one id the first is kept, as a job does.
  void Add(const v1::Document& document);

  // The highest priority first.
  std::vector<v1::Document> Documents() const;
  // In the same order.
  SampleFrame Frame() const;

 private:
  struct Drawn {
    v1::Document document;
    double weight = 0;
    uint64_t copies = 0;
    uint64_t bytes = 0;
  };

  double PriorityOf(const v1::Document& document) const;

  const size_t size_;
  const uint64_t seed_;
  // By priority and id, the highest first.
  std::map<std::pair<double, std::string>, Drawn, std::greater<>> drawn_;
  // Of those in drawn_, by id: another content of an id that was drawn is a copy of it.
  std::map<std::string, double> priorities_;
  // The highest priority that was left out; 0 when none was.
  double left_out_ = 0;
  uint64_t all_copies_ = 0;
  uint64_t all_bytes_ = 0;
};

}  // namespace quern::cli

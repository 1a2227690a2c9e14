#pragma once

#include <cstdint>
#include <vector>

namespace quern::cli {

// A total, and the bounds between which it lies with 95 % confidence.
struct Interval {
  double value = 0;
  double low = 0;
  double high = 0;
};

// A random sample of a corpus' different documents, drawn without replacement, and what is known of all.
struct SampleFrame {
  // Of each document in the sample: how many different ones it stands for, 1 or more; how often it stands in the
  // corpus; and its bytes, all its copies together.
  std::vector<double> stands_for;
  std::vector<double> copies;
  std::vector<double> bytes;
  // Sums over the whole corpus.
  double all_copies = 0;
  double all_bytes = 0;
  // The sample holds every document: totals are then known, and not estimated.
  bool complete = false;
};

// How many different documents the corpus holds, by the copies of those in the sample.
double DifferentDocuments(const SampleFrame& frame);

// The corpus' total of a quantity of which each of its documents has a part, `parts` in the order of the frame. The
// parts of a document's copies are one part: a job works on it once.
//
// The ratio estimator of W. G. Cochran, "Sampling Techniques" (3rd edition, Wiley 1977), chapter 6, on a weighted
// sample: with an auxiliary x whose total X is known, and a document that stands for a of them, Y = X · Σay/Σax. Its
// variance is the linearised one,
//   v(Y) = (X/Σax)² · n/(n − 1) · Σ a·(a − 1)·(y − (Σay/Σax)·x)²,
// by the estimator of Duffield, Lund and Thorup for priority samples, which are uncorrelated (see DocumentSample); for
// equal a it is Cochran's, with the finite-population correction. x is the documents' bytes or their copies, whichever
// leaves less variance. The bounds are Student's with n − 1 degrees of freedom, and never below what the sample itself
// holds. A sample of fewer than two documents that is not complete has no upper bound (infinity).
Interval EstimateTotal(const SampleFrame& frame, const std::vector<double>& parts);

}  // namespace quern::cli

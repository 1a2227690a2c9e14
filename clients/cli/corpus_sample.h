#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "clients/cli/document_sample.h"
#include "common/dataset/corpus.h"
#include "quern/v1/job.pb.h"

namespace quern::cli {

// What one reading of a corpus found.
struct CorpusSample {
  std::vector<v1::Document> documents;
  SampleFrame frame;
  uint64_t unreadable = 0;
  // Of the readers, each once.
  std::vector<std::string> warnings;
};

struct CorpusSampleOptions {
  // Documents to draw.
  size_t size = 500;
  uint64_t seed = 0;
  // Only the first entries of the corpus, unreadable ones counted.
  std::optional<uint64_t> limit;
};

// Reads a corpus once, in memory for the sample and one document, and draws a random sample of its documents.
// `progress` is told the bytes read of the corpus' files, and the documents. Errors of SourceReader; CANCELLED when
// told to stop. Blocking.
absl::StatusOr<CorpusSample> SampleCorpus(const dataset::Corpus& corpus, const v1::InputSpec& input,
                                          const CorpusSampleOptions& options,
                                          const std::function<void(uint64_t bytes, uint64_t documents)>& progress,
                                          std::stop_token stop);

}  // namespace quern::cli

#pragma once

#include <string>

#include "clients/cli/corpus_sample.h"
#include "clients/cli/estimation.h"

namespace quern::cli {

// Everything that `quern estimate` tells.
struct EstimateReport {
  const CorpusSample& corpus;
  const SampleOutcome& outcome;
  const Estimation& estimation;
  std::string currency;
  // The spec's; 0: all documents.
  uint64_t target_records = 0;
  // Whether the sample's replies are kept for the run that follows.
  bool replies_kept = false;
};

// For people, several lines.
std::string EstimateText(const EstimateReport& report);

// One JSON object, described in docs/cost.md.
std::string EstimateJson(const EstimateReport& report);

// "412 calls, 812,345 tokens, 0.2143 USD": what was paid. Replies of a cache are not.
std::string PaidText(const UsageByDocument::Usages& usages, const std::string& currency);

}  // namespace quern::cli

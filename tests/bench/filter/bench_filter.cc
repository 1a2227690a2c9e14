// Speed of the filter's rules on one core. Each iteration judges the next of 64 different documents, so that no
// document is hot in the branch predictors.
#include <benchmark/benchmark.h>

#include <string>
#include <variant>
#include <vector>

#include "common/text/language.h"
#include "services/filter/heuristics.h"
#include "tests/bench/filter/prose_generator.h"

namespace quern {
namespace {

constexpr uint64_t kDocuments = 64;

std::vector<std::string> MakeDocuments(size_t bytes) {
  std::vector<std::string> documents;
  for (uint64_t seed = 0; seed < kDocuments; ++seed) documents.push_back(bench::GenerateProse(bytes, seed));
  return documents;
}

filter::Thresholds RulesWithoutLanguage() {
  filter::Thresholds thresholds;
  thresholds.language.enabled = false;
  return thresholds;
}

// All rules but language id. Fails when a document is rejected, since later rules would not run then.
void FilterRules(benchmark::State& state) {
  const auto documents = MakeDocuments(static_cast<size_t>(state.range(0)));
  const filter::Thresholds thresholds = RulesWithoutLanguage();
  size_t next = 0;
  int64_t bytes = 0;
  for (auto _ : state) {
    const std::string& document = documents[next++ % kDocuments];
    const auto judgement = filter::JudgeText(document, thresholds);
    if (const auto* rejection = std::get_if<v1::Rejection>(&judgement)) {
      state.SkipWithError(("rejected: " + rejection->reason()).c_str());
      break;
    }
    bytes += static_cast<int64_t>(document.size());
  }
  state.SetBytesProcessed(bytes);
}
BENCHMARK(FilterRules)->Name("filter_bytes_per_second")->ArgName("document_bytes")->Arg(2'000)->Arg(20'000);

// Language id alone.
void LanguageId(benchmark::State& state) {
  const auto documents = MakeDocuments(static_cast<size_t>(state.range(0)));
  size_t next = 0;
  int64_t bytes = 0;
  for (auto _ : state) {
    const std::string& document = documents[next++ % kDocuments];
    benchmark::DoNotOptimize(text::DetectLanguage(document));
    bytes += static_cast<int64_t>(document.size());
  }
  state.SetBytesProcessed(bytes);
}
BENCHMARK(LanguageId)->Name("language_id_bytes_per_second")->ArgName("document_bytes")->Arg(2'000)->Arg(20'000);

}  // namespace
}  // namespace quern

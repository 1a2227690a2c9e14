#include <benchmark/benchmark.h>

#include <utility>
#include <vector>

#include "services/generator/extractor.h"
#include "tests/support/prose.h"

namespace quern::generator {
namespace {

// All candidates of a document of generated prose, as bench_end_to_end's are.
void ExtractProse(benchmark::State& state) {
  std::vector<v1::Document> documents(64);
  for (size_t i = 0; i < documents.size(); ++i) {
    testing::ProseDocument prose = testing::MakeProse(i, state.range(0));
    documents[i].set_title(std::move(prose.title));
    documents[i].set_text(std::move(prose.text));
  }
  const Options options;
  size_t next = 0;
  for (auto _ : state) benchmark::DoNotOptimize(ExtractCandidates(documents[next++ % documents.size()], options));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(ExtractProse)->Name("generator_bytes_per_second")->ArgName("document_bytes")->Arg(2000)->Arg(20000);

}  // namespace
}  // namespace quern::generator

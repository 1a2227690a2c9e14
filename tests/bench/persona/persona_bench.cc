#include <benchmark/benchmark.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "services/persona/builtin.h"
#include "services/persona/persona_stage.h"

namespace quern::persona {
namespace {

// English prose of `bytes`: the labelled paragraphs one after another, from the one numbered `start` on.
std::string Prose(size_t bytes, size_t start) {
  std::ifstream file("tests/data/domains.jsonl");
  std::vector<std::string> paragraphs;
  for (std::string line; std::getline(file, line);) paragraphs.push_back(line.substr(line.find("\"text\"") + 8));
  std::string text;
  for (size_t i = start; !paragraphs.empty() && text.size() < bytes; ++i) text += paragraphs[i % paragraphs.size()];
  text.resize(std::min(text.size(), bytes));
  return text;
}

// The whole stage on documents of one size: scan, domain, personas, outputs. Run from the repository's root.
void BM_PersonaStage(benchmark::State& state) {
  const PersonaStage persona_stage({}, BuiltinClassifier(), BuiltinCatalogue(), "bench");
  std::vector<v1::Document> documents(64);
  for (size_t i = 0; i < documents.size(); ++i) {
    documents[i].set_id(std::to_string(i));
    documents[i].set_text(Prose(state.range(0), i));
    if (documents[i].text().empty()) return state.SkipWithError("tests/data/domains.jsonl is not there");
  }
  size_t next = 0;
  for (auto _ : state) benchmark::DoNotOptimize(persona_stage.Decide(documents[next++ % documents.size()], {}));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_PersonaStage)->Arg(512)->Arg(2048)->Arg(16384)->Arg(1 << 20);

}  // namespace
}  // namespace quern::persona

// Draws records from a corpus for a reader to judge: quality_sample FILE.jsonl [COUNT] [SEED]
//
// Runs the extractive generator (ordinals 0 to 2) and verifier over every document (fields id, title, text), prints
// COUNT records drawn at random (default 50, seed 1), then yields, rejections by reason and speed.
#include <simdjson.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "common/text/lexicon.h"
#include "services/generator/extractor.h"
#include "services/verifier/verifier.h"

namespace {

// Processor time of this thread in seconds: other work on the machine does not count.
double CpuSeconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

struct Sample {
  std::string document;
  std::string title;
  quern::v1::QuestionAnswer pair;
  std::string evidence;
};

struct Totals {
  size_t documents = 0;
  size_t with_records = 0;
  size_t bytes = 0;
  double generator_seconds = 0;
  double verifier_seconds = 0;
  size_t verified = 0;
  std::map<std::string, size_t> reasons;
  std::map<std::string, size_t> rules;
};

quern::v1::QuestionAnswer ToPair(const quern::generator::Candidate& candidate) {
  quern::v1::QuestionAnswer pair;
  pair.set_question(candidate.question);
  pair.set_answer(candidate.answer);
  pair.set_answer_type(candidate.type);
  *pair.mutable_answer_span() = candidate.answer_span;
  *pair.mutable_evidence_span() = candidate.evidence_span;
  pair.set_rule(std::string(candidate.rule));
  return pair;
}

void Convert(const quern::v1::Document& document, std::vector<Sample>& samples, Totals& totals) {
  constexpr size_t kPersonas = 3;
  const double start = CpuSeconds();
  const std::vector<quern::generator::Candidate> candidates = quern::generator::ExtractCandidates(document, {});
  const double generated = CpuSeconds();
  bool any = false;
  for (size_t i = 0; i < std::min(kPersonas, candidates.size()); ++i) {
    const quern::verifier::Verdict verdict = quern::verifier::Verify(document, ToPair(candidates[i]), {});
    ++totals.verified;
    ++totals.reasons[verdict.passed ? "RECORD" : verdict.reason];
    if (!verdict.passed) {
      if (std::getenv("SHOW_REJECTED") != nullptr) {
        std::printf("%s: %s -> %s\n", verdict.reason.c_str(), candidates[i].question.c_str(),
                    candidates[i].answer.c_str());
      }
      continue;
    }
    ++totals.rules[verdict.pair.rule()];
    any = true;
    const auto& span = verdict.pair.evidence_span();
    samples.push_back({document.id(), document.title(), verdict.pair,
                       document.text().substr(span.begin(), span.end() - span.begin())});
  }
  totals.generator_seconds += generated - start;
  totals.verifier_seconds += CpuSeconds() - generated;
  ++totals.documents;
  totals.with_records += any ? 1 : 0;
  totals.bytes += document.text().size();
}

void Print(const Sample& sample, size_t number) {
  std::printf("%zu. [%s | %s | %s]\n   Q: %s\n   A: %s\n   E: ", number, sample.document.c_str(), sample.title.c_str(),
              sample.pair.rule().c_str(), sample.pair.question().c_str(), sample.pair.answer().c_str());
  for (const char c : sample.evidence) std::putchar(c == '\n' ? ' ' : c);
  std::printf("\n");
}

std::string Field(simdjson::dom::element row, const char* name) {
  std::string_view value;
  return row[name].get(value) == simdjson::SUCCESS ? std::string(value) : std::string();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: quality_sample FILE.jsonl [COUNT] [SEED]\n");
    return 64;
  }
  const size_t count = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 50;
  const unsigned seed = argc > 3 ? static_cast<unsigned>(std::strtoul(argv[3], nullptr, 10)) : 1;
  simdjson::dom::parser parser;
  simdjson::dom::document_stream rows;
  if (parser.load_many(argv[1], 64 << 20).get(rows) != simdjson::SUCCESS) {
    std::fprintf(stderr, "quality_sample: cannot read %s\n", argv[1]);
    return 66;
  }
  std::vector<Sample> samples;
  Totals totals;
  quern::text::Lexicon::English();  // built outside of what is timed
  for (auto row : rows) {
    if (row.error() != simdjson::SUCCESS) continue;
    quern::v1::Document document;
    document.set_id(Field(row.value(), "id"));
    document.set_title(Field(row.value(), "title"));
    document.set_text(Field(row.value(), "text"));
    Convert(document, samples, totals);
  }
  std::mt19937 random(seed);
  std::shuffle(samples.begin(), samples.end(), random);
  for (size_t i = 0; i < std::min(count, samples.size()); ++i) Print(samples[i], i + 1);
  std::printf("\n%zu documents (%.1f MB), %zu with records, %zu records\n", totals.documents,
              static_cast<double>(totals.bytes) / 1e6, totals.with_records, samples.size());
  for (const auto& [reason, n] : totals.reasons) std::printf("  %-20s %zu\n", reason.c_str(), n);
  for (const auto& [rule, n] : totals.rules) std::printf("  rule %-15s %zu\n", rule.c_str(), n);
  if (totals.documents > 0 && totals.verified > 0) {
    std::printf("generator %.0f us/document (%.1f MB/s), verifier %.1f us/pair\n",
                1e6 * totals.generator_seconds / static_cast<double>(totals.documents),
                static_cast<double>(totals.bytes) / 1e6 / totals.generator_seconds,
                1e6 * totals.verifier_seconds / static_cast<double>(totals.verified));
  }
  return 0;
}

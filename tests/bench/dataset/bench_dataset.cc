// Speed of reading corpora and writing datasets, on one core. `bytes_per_second` counts bytes of document text.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "common/base/json_text.h"
#include "common/dataset/byte_stream.h"
#include "common/dataset/json_line.h"
#include "common/dataset/line_reader.h"
#include "common/dataset/row_json.h"
#include "common/dataset/shard_buffer.h"
#include "common/dataset/source_reader.h"
#include "quern/v1/record.pb.h"
#include "tests/unit/common/dataset/compress.h"

namespace quern::dataset {
namespace {

constexpr size_t kDocuments = 60'000;
constexpr size_t kTextBytes = 1800;

// Prose-like text: words of a vocabulary of 4,000 drawn by Zipf's law, in sentences, quotes and line feeds among them.
std::string Prose(std::mt19937_64& random) {
  static const std::vector<std::string> vocabulary = [] {
    std::mt19937_64 letters(7);
    std::vector<std::string> words(4000);
    for (std::string& word : words) {
      for (size_t i = 2 + letters() % 9; i > 0; --i)
        word += "etaoinshrdlucmfwypvbgkjqxz"[letters() % (6 + letters() % 21)];
    }
    return words;
  }();
  std::string text;
  while (text.size() < kTextBytes) {
    const double u = std::uniform_real_distribution<double>(0, 1)(random);
    text += vocabulary[static_cast<size_t>(std::pow(4000.0, u)) - 1];
    const uint64_t roll = random() % 100;
    text += roll < 6    ? ". "
            : roll < 12 ? ", "
            : roll < 13 ? ".\n\n"
            : roll < 14 ? " \""
            : roll < 15 ? " caf\xc3\xa9 "
                        : " ";
  }
  return text;
}

struct CorpusFile {
  std::string path;
  size_t text_bytes = 0;
};

enum class Form { kPlain, kGzip, kZstd };

CorpusFile MakeCorpus(Form form) {
  std::mt19937_64 random(1);
  std::string lines;
  CorpusFile corpus;
  for (size_t i = 0; i < kDocuments; ++i) {
    const std::string text = Prose(random);
    corpus.text_bytes += text.size();
    lines += "{\"id\":\"doc-" + std::to_string(i) + "\",\"text\":";
    AppendJsonString(text, &lines);
    lines += "}\n";
  }
  corpus.path = "/tmp/quern-bench-" + std::to_string(::getpid()) + ".jsonl";
  const std::string bytes = form == Form::kGzip ? Gzip(lines) : form == Form::kZstd ? Zstd(lines) : lines;
  std::ofstream(corpus.path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return corpus;
}

// Reads, decompresses, validates strictly and finds the fields; builds no documents.
void ReadFields(benchmark::State& state, Form form) {
  const CorpusFile corpus = MakeCorpus(form);
  for (auto _ : state) {
    const auto stream = *OpenByteStream(corpus.path);
    const InputLimits limits;
    LineReader lines(*stream, limits.max_line_bytes());
    JsonLineParser parser(limits);
    LineReader::Line line;
    JsonLineParser::Fields fields;
    size_t text_bytes = 0;
    while (*lines.Next(&line)) {
      if (!parser.Parse(line.text, &fields)) text_bytes += fields.text.size();
    }
    if (text_bytes != corpus.text_bytes) state.SkipWithError("text was lost");
  }
  state.SetBytesProcessed(static_cast<int64_t>(corpus.text_bytes * state.iterations()));
  std::remove(corpus.path.c_str());
}

void read_jsonl_zst(benchmark::State& state) { ReadFields(state, Form::kZstd); }
void read_jsonl_gzip(benchmark::State& state) { ReadFields(state, Form::kGzip); }
void read_jsonl_plain(benchmark::State& state) { ReadFields(state, Form::kPlain); }

// The same with the document built, its id hashed where it has none: what ingest does.
void read_documents_zst(benchmark::State& state) {
  const CorpusFile corpus = MakeCorpus(Form::kZstd);
  for (auto _ : state) {
    const auto reader = *SourceReader::Open({"b", corpus.path, SourceFormat::kJsonLines, 0, {}, {}}, {});
    v1::IngestEntry entry;
    size_t documents = 0;
    while (*reader->Next(&entry)) documents += entry.has_document() ? 1 : 0;
    if (documents != kDocuments) state.SkipWithError("documents were lost");
  }
  state.SetBytesProcessed(static_cast<int64_t>(corpus.text_bytes * state.iterations()));
  state.SetItemsProcessed(static_cast<int64_t>(kDocuments * state.iterations()));
  std::remove(corpus.path.c_str());
}

v1::RecordRow TypicalRecord(std::mt19937_64& random) {
  v1::RecordRow row;
  row.set_id("8d969eef6ecad3c29a3a629280e686cf#0");
  row.set_document_id("8d969eef6ecad3c29a3a629280e686cf");
  row.set_document_text(Prose(random));
  row.set_domain("Technology & Engineering");
  row.mutable_persona()->set_description("a site engineer who plans maintenance");
  row.set_question("In computing, what is the name of the language that was designed in 1958?");
  row.set_answer("ALGOL");
  row.set_answer_type(v1::ANSWER_TYPE_NAME);
  row.mutable_answer_span()->set_end(5);
  for (int i = 0; i < 8; ++i) {
    row.add_checks()->set_name("grounded");
    row.mutable_checks(i)->set_passed(true);
  }
  for (int i = 0; i < 4; ++i) row.mutable_provenance()->add_stages()->set_stage(v1::STAGE_NAME_FILTER);
  row.mutable_provenance()->mutable_created_at()->set_seconds(1'700'000'000);
  return row;
}

// Rows of 1.8 KB of document text to JSON and zstd level 3.
void write_rows(benchmark::State& state) {
  std::mt19937_64 random(1);
  std::vector<v1::RecordRow> rows;
  for (int i = 0; i < 1000; ++i) rows.push_back(TypicalRecord(random));
  for (auto _ : state) {
    ShardBuffer buffer(3);
    for (const v1::RecordRow& row : rows) buffer.Append(row);
    benchmark::DoNotOptimize(buffer.Finish().data());
  }
  state.SetItemsProcessed(static_cast<int64_t>(rows.size() * state.iterations()));
}

// The JSON alone.
void print_rows(benchmark::State& state) {
  std::mt19937_64 random(1);
  const v1::RecordRow row = TypicalRecord(random);
  std::string json;
  for (auto _ : state) {
    json.clear();
    AppendRowJson(row, &json);
    benchmark::DoNotOptimize(json.data());
  }
  state.SetItemsProcessed(state.iterations());
}

BENCHMARK(read_jsonl_zst)->Unit(benchmark::kMillisecond);
BENCHMARK(read_jsonl_gzip)->Unit(benchmark::kMillisecond);
BENCHMARK(read_jsonl_plain)->Unit(benchmark::kMillisecond);
BENCHMARK(read_documents_zst)->Unit(benchmark::kMillisecond);
BENCHMARK(write_rows)->Unit(benchmark::kMillisecond);
BENCHMARK(print_rows);

}  // namespace
}  // namespace quern::dataset

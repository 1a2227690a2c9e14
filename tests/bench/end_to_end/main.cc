#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "common/base/config/command_line.h"
#include "common/base/config/exit_code.h"
#include "tests/bench/end_to_end/observed_run.h"
#include "tests/support/child_process.h"
#include "tests/support/prose.h"

// bench_end_to_end: documents per second of `quern run`, all of it: from the start of the command to its end, with a
// private Redis (append-only file, everysec), extractive engine. The corpus is generated, the same for the same flags.
namespace {

using quern::bench::ObservedRun;

constexpr size_t kSmallBytes = 200;

const std::vector<quern::config::FlagSpec> kFlags = {
    {"documents", "N", "documents of the corpus; default: 150000"},
    {"bytes", "N", "bytes of a document; default: 2048"},
    {"small", "", "documents of 200 bytes"},
    {"runs", "N", "runs, of which the median counts; default: 3"},
    {"json", "FILE", "write the figures as JSON"},
    {"folder", "DIR", "where to work; default: the folder for temporary files"},
    {"keep", "", "leave the corpus and the last dataset"},
};

uint64_t Number(const quern::config::CommandLine& line, const char* flag, uint64_t fallback) {
  uint64_t number = fallback;
  return absl::SimpleAtoi(line.Value(flag), &number) ? number : fallback;
}

void WriteCorpus(const std::string& path, uint64_t documents, size_t bytes) {
  std::ofstream file(path, std::ios::binary);
  for (uint64_t i = 0; i < documents; ++i) file << quern::testing::MakeProseLine(i, bytes);
}

double MiB(uint64_t bytes) { return static_cast<double>(bytes) / (1 << 20); }

uint64_t Largest(const std::vector<uint64_t>& values) {
  return values.empty() ? 0 : *std::max_element(values.begin(), values.end());
}

void PrintSamples(const char* name, const std::vector<uint64_t>& values) {
  std::printf("  %s, MiB at tenths of the time:", name);
  for (size_t tenth = 1; tenth <= 10 && !values.empty(); ++tenth) {
    std::printf(" %.0f", MiB(values[(values.size() - 1) * tenth / 10]));
  }
  std::printf("; largest %.0f\n", MiB(Largest(values)));
}

void Print(const ObservedRun& run, uint64_t documents) {
  const double seconds = absl::ToDoubleSeconds(run.wall);
  std::printf("%.0f documents/s: %.1f s; CPU: quern %.1f s, redis-server %.1f s\n",
              static_cast<double>(documents) / seconds, seconds, run.quern_cpu_seconds, run.redis_cpu_seconds);
  PrintSamples("quern resident", run.quern_resident_bytes);
  PrintSamples("redis-server resident", run.redis_resident_bytes);
  PrintSamples("append-only files", run.log_bytes);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  const auto line = quern::config::CommandLine::Parse(kFlags, {argv + 1, argv + argc});
  if (!line.ok()) {
    std::fprintf(stderr, "%s\n%s", line.status().ToString().c_str(), quern::config::FlagHelp(kFlags).c_str());
    return quern::config::kExitUsage;
  }
  const uint64_t documents = Number(*line, "documents", 150'000);
  const size_t bytes = line->Has("small") ? kSmallBytes : Number(*line, "bytes", 2048);
  std::string folder = line->Value("folder", std::filesystem::temp_directory_path().string()) + "/quern-bench-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) return quern::config::kExitCannotCreate;
  WriteCorpus(folder + "/corpus.jsonl", documents, bytes);

  std::vector<double> rates;
  for (uint64_t i = 0; i < Number(*line, "runs", 3); ++i) {
    std::filesystem::remove_all(folder + "/out");
    const ObservedRun run = quern::bench::RunObserved(
        quern::testing::ProgramFolder() + "/quern", folder + "/corpus.jsonl", folder + "/out", absl::Milliseconds(200));
    Print(run, documents);
    if (run.exit_code != 0) return run.exit_code;
    rates.push_back(static_cast<double>(documents) / absl::ToDoubleSeconds(run.wall));
  }
  std::vector<double> sorted = rates;
  std::sort(sorted.begin(), sorted.end());
  const double median = sorted[sorted.size() / 2];
  std::printf("end_to_end_documents_per_second: %.0f\n", median);
  if (line->Has("json")) {
    const nlohmann::json figures = {
        {"end_to_end_documents_per_second", {{"value", median}, {"unit", "documents/s"}, {"runs", rates}}}};
    std::ofstream(line->Value("json")) << figures.dump(1) << "\n";
  }
  if (!line->Has("keep")) std::filesystem::remove_all(folder);
  return 0;
}

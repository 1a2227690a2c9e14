// Documents per second and Redis core through four stages that do nothing: items of 256 bytes, documents by reference,
// one item per document, AOF everysec. Counts all that Redis does for a document: ingest, four reads, four transitions,
// the documents' fetches, leases, the sink's read and commit.
//
//   bench_queue [--documents N] [--runs N] [--json FILE]
#include <signal.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "common/queue/consumer.h"
#include "common/queue/document_codec.h"
#include "common/queue/ingest.h"
#include "common/queue/job_store.h"
#include "common/queue/results.h"
#include "common/queue/terminal_tally.h"
#include "tests/support/redis_server.h"

namespace quern {
namespace {

constexpr char kJob[] = "bench";
constexpr size_t kItemBytes = 256;
constexpr size_t kTextBytes = 256;

struct Run {
  double documents_per_core_second = 0;
  double documents_per_second = 0;
  double process_seconds = 0;
};

// Ends the program: a benchmark that failed has no figure.
void Require(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "bench_queue: %s\n", std::string(status.message()).c_str());
  std::exit(1);
}

void IngestAll(const queue::RedisOptions& redis, const v1::JobSpec& spec, uint64_t documents) {
  queue::Ingest ingest(redis, kJob, spec, "bench");
  uint64_t next = 1;
  while (next <= documents) {
    std::vector<v1::IngestEntry> entries;
    for (uint64_t i = next; i <= documents && entries.size() < 256; ++i) {
      v1::IngestEntry& entry = entries.emplace_back();
      entry.set_position(i);
      entry.mutable_document()->set_id(absl::StrFormat("document-%d", i));
      std::string text = absl::StrFormat("%d ", i * 2654435761u);
      while (text.size() < kTextBytes) text += absl::StrFormat("%x ", (i + text.size()) * 0x9e3779b97f4a7c15u);
      entry.mutable_document()->set_text(text);
    }
    const auto stored = ingest.Store(entries);
    Require(stored.status());
    next = stored->accepted_position + 1;
    if (stored->full) absl::SleepFor(absl::Milliseconds(2));
  }
}

void Commit(const queue::RedisOptions& redis, uint64_t documents) {
  queue::Results results(redis, kJob, 1);
  uint64_t commit = 0, done = 0;
  while (done < documents) {
    const auto read = results.Read(0, "", 2000, std::numeric_limits<int64_t>::max());
    Require(read.status());
    if (read->empty()) {
      absl::SleepFor(absl::Milliseconds(5));
      continue;
    }
    queue::TerminalTally tally;
    for (const queue::Result& result : *read) tally.Add(result);
    Require(results.Commit(0, ++commit, tally));
    done += read->size();
  }
}

void Pass(std::shared_ptr<const v1::JobSpec>, queue::Delivery delivery) {
  // As if each stage were a process of its own, which fetches its documents.
  queue::ForgetDocumentsUnusedSince(absl::InfiniteFuture());
  v1::WorkItem item = delivery.item();
  if (item.domain().empty()) item.set_domain(std::string(kItemBytes - 40, 'd'));
  std::vector<v1::WorkItem> outputs;
  outputs.push_back(std::move(item));
  std::move(delivery).Advance(std::move(outputs));
}

Run Measure(uint64_t documents) {
  testing::RedisServer server;
  queue::RedisOptions redis;
  redis.url = server.url();
  queue::JobStore jobs(redis);
  const v1::JobSpec spec;
  Require(jobs.Create(kJob, spec, "").status());
  queue::SuspectGate gate;
  std::vector<std::unique_ptr<queue::Consumer>> consumers;
  for (int stage = v1::STAGE_NAME_FILTER; stage <= v1::STAGE_NAME_VERIFIER; ++stage) {
    queue::ConsumerOptions options;
    options.stage = static_cast<v1::StageName>(stage);
    options.name = "bench";
    auto consumer = queue::Consumer::Start(redis, options, &gate, Pass);
    Require(consumer.status());
    consumers.push_back(*std::move(consumer));
  }
  const double cpu_before = server.CpuSeconds();
  const std::clock_t process_before = std::clock();
  const absl::Time begin = absl::Now();
  std::thread ingest([&] { IngestAll(redis, spec, documents); });
  Commit(redis, documents);
  const double seconds = absl::ToDoubleSeconds(absl::Now() - begin);
  const double cpu = server.CpuSeconds() - cpu_before;
  const double process = static_cast<double>(std::clock() - process_before) / CLOCKS_PER_SEC;
  ingest.join();
  return {static_cast<double>(documents) / cpu, static_cast<double>(documents) / seconds, process};
}

}  // namespace
}  // namespace quern

int main(int argc, char** argv) {
  signal(SIGPIPE, SIG_IGN);
  uint64_t documents = 100'000;
  int runs = 3;
  std::string json;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string flag = argv[i];
    if (flag == "--documents") documents = std::strtoull(argv[i + 1], nullptr, 10);
    if (flag == "--runs") runs = std::max(1, std::atoi(argv[i + 1]));
    if (flag == "--json") json = argv[i + 1];
  }
  std::vector<double> values;
  for (int i = 0; i < runs; ++i) {
    const quern::Run run = quern::Measure(documents);
    values.push_back(run.documents_per_core_second);
    std::printf("queue_wall_documents_per_second %.0f documents/s\n", run.documents_per_second);
    std::printf("queue_process_seconds_per_million %.1f s\n",
                run.process_seconds * 1e6 / static_cast<double>(documents));
  }
  std::vector<double> sorted = values;
  std::sort(sorted.begin(), sorted.end());
  const double median = sorted[sorted.size() / 2];
  std::printf("queue_documents_per_second %.0f documents/s\n", median);
  if (!json.empty()) {
    std::ofstream file(json);
    file << absl::StrFormat("{\"queue_documents_per_second\": {\"value\": %.0f, \"unit\": \"documents/s\", \"runs\": [",
                            median);
    for (size_t i = 0; i < values.size(); ++i) file << (i == 0 ? "" : ", ") << absl::StrFormat("%.0f", values[i]);
    file << "]}}\n";
  }
  return 0;
}

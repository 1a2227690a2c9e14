// What the HTTP client makes of many calls in flight: bodies of 8 KB both ways to a server of another process that
// answers after a second. Ideal would be calls in flight / latency, without a millisecond of its own.
//
//   bench_llm_client [--seconds N] [--runs N] [--json FILE] [--url URL]
//
// With --url the calls go to a server that is there already and answers after a second, else to one of its own.
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "common/base/file_limit.h"
#include "common/base/mutex_checks.h"
#include "common/llm/http_client.h"
#include "tests/support/http_server.h"

namespace quern {
namespace {

constexpr absl::Duration kLatency = absl::Seconds(1);
constexpr size_t kBodyBytes = 8192;

struct Figures {
  double ideal_fraction = 0;
  double added_p99_ms = 0;
  double cpu_seconds_per_1000 = 0;
  size_t failed = 0;
};

// A server in a child process, which ends with this one.
std::string ForkServer() {
  int pipe_ends[2];
  if (pipe(pipe_ends) != 0) std::abort();
  if (fork() == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const std::string body(kBodyBytes, 'r');
    const testing::HttpServer server([&](const testing::HttpServer::Request&) {
      testing::HttpServer::Response response(body);
      response.delay = kLatency;
      return response;
    });
    const std::string url = server.url() + "\n";
    if (write(pipe_ends[1], url.data(), url.size()) < 0) std::abort();
    for (;;) pause();
  }
  char line[100];
  const ssize_t bytes = read(pipe_ends[0], line, sizeof(line));
  if (bytes <= 1) std::abort();
  return std::string(line, bytes - 1);
}

// A call that a model's server understands.
std::string Body() {
  std::string text = "The Ardel bridge was built in 1932 by a company of engineers. ";
  while (text.size() < kBodyBytes) text += text;
  text.resize(kBodyBytes);
  return R"({"model":"sim","messages":[{"role":"user","content":"[document 00000001]\n)" + text +
         R"(\n[end of document 00000001]\n\nReply with {\"question\": \"\", \"answer\": \"\", \"quote\": \"\"}"}]})";
}

double CpuSeconds() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

// Keeps `in_flight` calls going for a while and measures once they all have a connection.
class Load {
 public:
  Load(std::string url, int in_flight, absl::Duration measured)
      : url_(std::move(url)), in_flight_(in_flight), measured_(measured) {}

  Figures Run() {
    for (int i = 0; i < in_flight_; ++i) boost::asio::co_spawn(loop_, Call(i), boost::asio::detached);
    boost::asio::co_spawn(loop_, Measure(), boost::asio::detached);
    loop_.run();
    return figures_;
  }

 private:
  boost::asio::awaitable<void> Sleep(absl::Duration duration) {
    boost::asio::steady_timer timer(loop_, absl::ToChronoNanoseconds(duration));
    co_await timer.async_wait(boost::asio::use_awaitable);
  }

  boost::asio::awaitable<void> Call(int number) {
    // Spread over the latency, as the calls of a job are; a real start is slower.
    co_await Sleep(2 * kLatency * number / in_flight_);
    while (!stopping_) {
      llm::HttpRequest request(url_, body_);
      const llm::HttpReply reply = co_await client_.Send(std::move(request));
      if (reply.outcome != llm::HttpReply::Outcome::kAnswered || reply.status != 200) {
        if (figures_.failed++ == 0) absl::FPrintF(stderr, "bench_llm_client: %s\n", reply.error);
      }
      if (measuring_) added_.push_back(reply.duration - kLatency);
    }
  }

  boost::asio::awaitable<void> Measure() {
    co_await Sleep(4 * kLatency);
    const double cpu = CpuSeconds();
    const absl::Time start = absl::Now();
    measuring_ = true;
    co_await Sleep(measured_);
    measuring_ = false;
    const absl::Duration took = absl::Now() - start;
    stopping_ = true;
    const double calls = added_.size();
    figures_.ideal_fraction = calls / (in_flight_ * absl::FDivDuration(took, kLatency));
    figures_.cpu_seconds_per_1000 = (CpuSeconds() - cpu) / calls * 1000;
    const auto p99 = added_.begin() + static_cast<long>(calls * 0.99);
    std::nth_element(added_.begin(), p99, added_.end());
    figures_.added_p99_ms = absl::ToDoubleMilliseconds(*p99);
  }

  const std::string url_;
  const std::string body_ = Body();
  const int in_flight_;
  const absl::Duration measured_;
  boost::asio::io_context loop_{1};
  llm::HttpClient client_;
  bool measuring_ = false;
  bool stopping_ = false;
  std::vector<absl::Duration> added_;
  Figures figures_;
};

struct Options {
  int seconds = 5;
  int runs = 1;
  std::string json;
  std::string url;
};

Options Parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    if (name == "--seconds") options.seconds = std::atoi(argv[i + 1]);
    if (name == "--runs") options.runs = std::atoi(argv[i + 1]);
    if (name == "--json") options.json = argv[i + 1];
    if (name == "--url") options.url = argv[i + 1];
  }
  return options;
}

std::string Row(const std::string& name, const char* unit, std::vector<double> runs) {
  std::string list;
  for (const double run : runs) absl::StrAppendFormat(&list, "%s%.4f", list.empty() ? "" : ", ", run);
  std::nth_element(runs.begin(), runs.begin() + runs.size() / 2, runs.end());
  return absl::StrFormat("  \"%s\": {\"value\": %.4f, \"unit\": \"%s\", \"runs\": [%s]}", name, runs[runs.size() / 2],
                         unit, list);
}

int Main(const Options& options) {
  RaiseFileLimit();
  StopMutexChecks();
  const std::string url = options.url.empty() ? ForkServer() : options.url;
  std::string rows;
  for (const int in_flight : {4096, 10000}) {
    std::vector<double> fractions, added, cpu;
    for (int run = 0; run < options.runs; ++run) {
      const Figures figures = Load(url, in_flight, absl::Seconds(options.seconds)).Run();
      absl::PrintF("%d in flight: ideal fraction %.4f, added p99 %.1f ms, CPU %.4f s per 1000 calls, %d failed\n",
                   in_flight, figures.ideal_fraction, figures.added_p99_ms, figures.cpu_seconds_per_1000,
                   figures.failed);
      if (figures.failed != 0) return 1;
      fractions.push_back(figures.ideal_fraction);
      added.push_back(figures.added_p99_ms);
      cpu.push_back(figures.cpu_seconds_per_1000);
    }
    const std::string prefix = absl::StrFormat("llm_client_%d_", in_flight);
    rows += (rows.empty() ? "" : ",\n") + Row(prefix + "ideal_fraction", "fraction", fractions) + ",\n" +
            Row(prefix + "added_p99_ms", "ms", added) + ",\n" + Row(prefix + "cpu_seconds_per_1000", "s", cpu);
  }
  if (!options.json.empty()) std::ofstream(options.json) << "{\n" << rows << "\n}\n";
  return 0;
}

}  // namespace
}  // namespace quern

int main(int argc, char** argv) { return quern::Main(quern::Parse(argc, argv)); }

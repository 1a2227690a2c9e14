#include "services/simulator/options.h"

#include <fstream>
#include <limits>
#include <sstream>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/absl_view.h"
#include "common/base/config/faults.h"
#include "common/base/error.h"

namespace quern::simulator {
namespace {

// Takes values from the command line and collects what is wrong with them.
class FlagReader {
 public:
  explicit FlagReader(const config::CommandLine& line) : line_(line) {}

  template <typename Number>
  void ReadNumber(std::string_view name, double lowest, double highest, bool whole, Number& value) {
    if (!line_.Has(name)) return;
    double number = 0;
    const bool valid = absl::SimpleAtod(line_.Value(name), &number) && number >= lowest && number <= highest &&
                       (!whole || number == static_cast<double>(static_cast<uint64_t>(number)));
    if (valid) value = static_cast<Number>(number);
    if (!valid) {
      Add(name, absl::StrCat("\"", line_.Value(name), "\" is no ", whole ? "whole number" : "number", " from ", lowest,
                             highest < kNoEnd ? absl::StrCat(" to ", highest) : ""));
    }
  }

  void Check(std::string_view name, const absl::Status& status) {
    if (!status.ok()) Add(name, StdView(status.message()));
  }

  void Add(std::string_view name, std::string_view message) {
    faults_.Add(absl::StrCat("--", AbslView(name)), message);
  }

  void AddWord(std::string_view word) { faults_.Add(word, "is no flag; see --help"); }

  absl::Status status() const { return faults_.ToStatus("USAGE"); }

  // The largest whole number that a double holds and its predecessor too.
  static constexpr double kNoEnd = 9007199254740992.0;

 private:
  const config::CommandLine& line_;
  config::Faults faults_;
};

void ReadListen(const config::CommandLine& line, FlagReader& reader, ServerOptions& options) {
  if (!line.Has("listen")) return;
  const std::string value = line.Value("listen");
  const size_t colon = value.rfind(':');
  uint32_t port = 0;
  const bool valid = colon != std::string::npos && colon > 0 && absl::SimpleAtoi(value.substr(colon + 1), &port) &&
                     port <= std::numeric_limits<uint16_t>::max();
  if (!valid) return reader.Add("listen", absl::StrCat("\"", value, "\" is not HOST:PORT, such as 127.0.0.1:8000"));
  options.host = value.substr(0, colon);
  // "[::1]:8000".
  if (options.host.front() == '[' && options.host.back() == ']') {
    options.host = options.host.substr(1, options.host.size() - 2);
  }
  options.port = static_cast<uint16_t>(port);
}

void ReadWords(const config::CommandLine& line, FlagReader& reader, Options& options) {
  const std::string structured = line.Value("structured", "json_schema");
  options.structured = structured == "none"          ? Structured::kNone
                       : structured == "json_object" ? Structured::kJsonObject
                                                     : Structured::kJsonSchema;
  if (structured != "none" && structured != "json_object" && structured != "json_schema") {
    reader.Add("structured", absl::StrCat("\"", structured, "\" is neither json_schema nor json_object nor none"));
  }
  const std::string answers = line.Value("answers", "rules");
  options.rules = answers == "rules";
  if (answers != "rules" && answers != "fixed") {
    reader.Add("answers", absl::StrCat("\"", answers, "\" is neither rules nor fixed"));
  }
}

// The faults' names in lines for --help.
std::string FaultLines() {
  constexpr size_t kColumns = 100;
  std::string text;
  std::string line;
  for (const auto name : absl::StrSplit(FaultNames(), ' ')) {
    if (line.size() + 1 + name.size() > kColumns) absl::StrAppend(&text, std::exchange(line, std::string()), "\n");
    absl::StrAppend(&line, line.empty() ? "  " : " ", name);
  }
  return absl::StrCat(text, line, "\n");
}

absl::Status ReadScript(const std::string& path, FlagReader& reader, FaultPlan& plan) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) {
    return MakeError(absl::StatusCode::kNotFound, "NO_SCRIPT", absl::StrCat("--script: cannot read ", path));
  }
  reader.Check("script", plan.AddScript(text.str()));
  return absl::OkStatus();
}

}  // namespace

const std::vector<config::FlagSpec>& Flags() {
  static const auto& flags = *new std::vector<config::FlagSpec>{
      {"listen", "HOST:PORT",
       "Where to listen; port 0 takes a free one. The bound address is printed on stdout. Default 127.0.0.1:8000."},
      {"threads", "N", "Threads that serve connections, 1 to 64. Default 1."},
      {"model", "NAME", "The only model; others get 404. Default: any name is taken."},
      {"latency", "TIME",
       "How long a reply takes: 200ms, uniform:50ms:500ms, or lognormal:200ms:0.5 (median, sigma). Default 0."},
      {"answers", "KIND", "rules: those of the extractive stages. fixed: made in constant time. Default rules."},
      {"knows", "SHARE", "Share of the questions that are answered right without a document, 0 to 1. Default 0.3."},
      {"seed", "N", "Changes everything that is left to chance. Default 0."},
      {"structured", "KIND",
       "Kinds of response_format that are taken: json_schema (both), json_object, none. Others get 400. Default "
       "json_schema."},
      {"api-key", "KEY", "What Authorization must bring as bearer; others get 401. Default: nothing is asked for."},
      {"context-tokens", "N", "Longest prompt; longer ones get 400, context_length_exceeded. Default 0: any."},
      {"prefix-cache", "TOKENS", "Room of the prefix cache; 0 turns it off. Default 0."},
      {"requests-per-minute", "N", "More get 429 with Retry-After. Default 0: no limit."},
      {"tokens-per-minute", "N", "Tokens of prompts and replies; more get 429 with Retry-After. Default 0: no limit."},
      {"rate-window", "SECONDS", "How many seconds' worth of both may be saved up. Default 60."},
      {"max-concurrency", "N", "Requests served at once; more get 503. Default 0: no limit."},
      {"fault", "NAME=RATE", "Share of the requests, 0 to 1, that meet this fault. May be repeated. See below."},
      {"script", "FILE", "Lines \"N NAME\" or \"N-M NAME\": the N-th request meets this fault, or none."},
      {"batch-time", "TIME", "How long a batch takes, for example 5s. Default 0."},
      {"batch-fault", "NAME=N", "The first N batches (or uploads) meet this fault. May be repeated. See below."},
      {"witness", "FILE", "Gets one line of JSON for every request, written before the request is answered."},
      {"help", "", "This."},
      {"version", "", "The version."},
  };
  return flags;
}

std::string Help() {
  return absl::StrCat(
      "quern-model-simulator: a server of OpenAI's chat completions without a model, for tests and trials.\n\n",
      config::FlagHelp(Flags()), "\nFaults:\n", FaultLines(), "\nFaults of batches:\n  ", BatchFaultNames(), "\n");
}

absl::StatusOr<CommandOptions> ReadOptions(const config::CommandLine& line) {
  CommandOptions options;
  Options& simulator = options.simulator;
  FlagReader reader(line);
  for (const std::string& word : line.positional()) reader.AddWord(word);
  ReadListen(line, reader, options.server);
  ReadWords(line, reader, simulator);
  reader.ReadNumber("threads", 1, 64, true, options.server.threads);
  reader.ReadNumber("knows", 0, 1, false, simulator.knows);
  reader.ReadNumber("seed", 0, FlagReader::kNoEnd, true, simulator.seed);
  reader.ReadNumber("context-tokens", 0, FlagReader::kNoEnd, true, simulator.context_tokens);
  reader.ReadNumber("prefix-cache", 0, FlagReader::kNoEnd, true, simulator.prefix_cache_tokens);
  reader.ReadNumber("requests-per-minute", 0, FlagReader::kNoEnd, false, simulator.requests_per_minute);
  reader.ReadNumber("tokens-per-minute", 0, FlagReader::kNoEnd, false, simulator.tokens_per_minute);
  reader.ReadNumber("rate-window", 0.1, 60, false, simulator.rate_window);
  reader.ReadNumber("max-concurrency", 0, FlagReader::kNoEnd, true, simulator.max_concurrency);
  const auto latency = Latency::Parse(line.Value("latency", "0"));
  reader.Check("latency", latency.status());
  if (latency.ok()) simulator.latency = *latency;
  reader.Check("fault", simulator.faults.AddRates(line.Values("fault")));
  reader.Check("batch-fault", AddBatchFaults(line.Values("batch-fault"), &simulator.batches));
  if (line.Has("batch-time") && (!absl::ParseDuration(line.Value("batch-time"), &simulator.batches.time) ||
                                 simulator.batches.time < absl::ZeroDuration())) {
    reader.Add("batch-time", absl::StrCat("\"", line.Value("batch-time"), "\" is no time, such as 5s"));
  }
  if (line.Has("script")) QUERN_RETURN_IF_ERROR(ReadScript(line.Value("script"), reader, simulator.faults));
  simulator.model = line.Value("model");
  simulator.witness = line.Value("witness");
  simulator.api_key = line.Value("api-key");
  QUERN_RETURN_IF_ERROR(reader.status());
  return options;
}

}  // namespace quern::simulator

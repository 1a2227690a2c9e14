#pragma once

#include <gmock/gmock.h>

#include <csignal>
#include <map>

#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "tests/system/run/run_fixture.h"

namespace quern::testing {

// One request, as the model's server saw it: what was, or may have been, paid.
struct WitnessedCall {
  std::string stage;
  // The document's, as the server found it in the prompt.
  std::string mark;
  std::string fault;
  int status = 0;
  uint64_t input_tokens = 0;
  uint64_t cached_tokens = 0;
  uint64_t output_tokens = 0;
  bool in_batch = false;
  // Of its traceparent.
  std::string trace_id;
};

// A quern-model-simulator that may be killed and started again at the same address, with other flags. Its witness goes
// on.
class ModelServer {
 public:
  explicit ModelServer(std::string witness) : witness_(std::move(witness)) {}

  void Start(const std::vector<std::string>& flags = {}) {
    std::vector<std::string> words = {"quern-model-simulator", "--listen", "127.0.0.1:" + std::to_string(port_),
                                      "--witness", witness_};
    words.insert(words.end(), flags.begin(), flags.end());
    process_ = std::make_unique<ChildProcess>(words);
    WaitUntil(*process_, [&] { return process_->Stdout().find('\n') != std::string::npos; });
    const std::string address = process_->Stdout();
    ASSERT_NE(address.find(':'), std::string::npos) << process_->Stderr();
    port_ = std::stoi(address.substr(address.find(':') + 1));
  }

  void Kill() {
    process_->Signal(SIGKILL);
    process_->Wait(absl::Seconds(10));
  }

  void Restart(const std::vector<std::string>& flags = {}) {
    Kill();
    Start(flags);
  }

  std::string base_url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/v1"; }

  // All requests so far, those to earlier lives included.
  std::vector<WitnessedCall> Calls() const {
    std::vector<WitnessedCall> calls;
    std::ifstream file(witness_);
    for (std::string line; std::getline(file, line);) {
      const nlohmann::json json = nlohmann::json::parse(line, nullptr, false);
      if (!json.is_object()) break;
      WitnessedCall call;
      call.stage = json["stage"];
      call.mark = json["document"];
      call.fault = json["fault"];
      call.status = json["status"];
      call.input_tokens = json["input_tokens"];
      call.cached_tokens = json["cached_tokens"];
      call.output_tokens = json["output_tokens"];
      call.in_batch = json["batch"];
      call.trace_id = json["trace_id"];
      calls.push_back(std::move(call));
    }
    return calls;
  }

 private:
  const std::string witness_;
  // 0: none was taken yet.
  int port_ = 0;
  std::unique_ptr<ChildProcess> process_;
};

// What the specs of the tests differ in.
struct ModelJob {
  uint32_t max_concurrency = 16;
  uint32_t max_retries = 2;
  uint32_t max_attempts = 3;
  // Further lines of the model (each indented by four spaces), and of the spec.
  std::string model;
  std::string spec;
};

// Dollars for 1,000,000 tokens.
constexpr double kInputPrice = 2.0;
constexpr double kCachedPrice = 0.5;
constexpr double kOutputPrice = 8.0;

inline double CostOf(const std::vector<WitnessedCall>& calls) {
  double cost = 0;
  for (const WitnessedCall& call : calls) {
    cost += static_cast<double>(call.input_tokens - call.cached_tokens) * kInputPrice +
            static_cast<double>(call.cached_tokens) * kCachedPrice +
            static_cast<double>(call.output_tokens) * kOutputPrice;
  }
  return cost / 1e6;
}

// What the run in `dir` told at its end of all stages together.
inline v1::ModelUsage Reported(const std::string& dir) {
  v1::ModelUsage sum;
  const auto json = nlohmann::json::parse(dataset::TemporaryFolder::Read(dir + "/run.json"), nullptr, false);
  EXPECT_TRUE(json.contains("left")) << json.dump();
  if (!json.contains("left")) return sum;
  const auto spent_by_stage = json["left"].value("usage", nlohmann::json::array());
  for (const nlohmann::json& spent : spent_by_stage) {
    const nlohmann::json& usage = spent["usage"];
    // JSON of protos: 64-bit numbers are text, zeros are left out.
    const auto number = [&](const char* key) { return std::stoull(usage.value(key, std::string("0"))); };
    sum.set_calls(sum.calls() + number("calls"));
    sum.set_retries(sum.retries() + number("retries"));
    sum.set_ambiguous_calls(sum.ambiguous_calls() + number("ambiguous_calls"));
    sum.set_input_tokens(sum.input_tokens() + number("input_tokens"));
    sum.set_cached_tokens(sum.cached_tokens() + number("cached_tokens"));
    sum.set_output_tokens(sum.output_tokens() + number("output_tokens"));
    sum.set_reused_replies(sum.reused_replies() + number("reused_replies"));
    sum.set_cost(sum.cost() + usage.value("cost", 0.0));
  }
  return sum;
}

// `reported` are the witness's tokens, and their price.
inline void ExpectPaid(const v1::ModelUsage& reported, const std::vector<WitnessedCall>& calls) {
  uint64_t input = 0;
  uint64_t cached = 0;
  uint64_t output = 0;
  for (const WitnessedCall& call : calls) {
    input += call.input_tokens;
    cached += call.cached_tokens;
    output += call.output_tokens;
  }
  EXPECT_EQ(reported.input_tokens(), input);
  EXPECT_EQ(reported.cached_tokens(), cached);
  EXPECT_EQ(reported.output_tokens(), output);
  EXPECT_NEAR(reported.cost(), CostOf(calls), 1e-9);
}

// The calls that the dataset's rows show to have been necessary, by stage, when no try failed: rows that rules turned
// away have no reply of a model.
inline std::map<std::string, uint64_t> NeededCalls(const std::string& dir, uint64_t documents) {
  std::map<std::string, uint64_t> needed = {
      {"filter", documents}, {"persona", documents}, {"generator", 0}, {"verifier", 0}};
  for (const auto& row : Rows<v1::RejectionRow>(dir, dataset::RowKind::kRejections)) {
    switch (row.stage()) {
      case v1::STAGE_NAME_FILTER:
        --needed["persona"];
        if (!row.has_reply()) --needed["filter"];
        break;
      case v1::STAGE_NAME_GENERATOR:
        ++needed["generator"];
        break;
      case v1::STAGE_NAME_VERIFIER:
        ++needed["generator"];
        if (row.has_reply()) ++needed["verifier"];
        break;
      default:
        break;
    }
  }
  const uint64_t records = Rows<v1::RecordRow>(dir, dataset::RowKind::kRecords).size();
  needed["generator"] += records;
  needed["verifier"] += records;
  return needed;
}

inline std::map<std::string, uint64_t> CallsByStage(const std::vector<WitnessedCall>& calls) {
  std::map<std::string, uint64_t> count;
  for (const WitnessedCall& call : calls) ++count[call.stage];
  return count;
}

inline uint64_t Sum(const std::map<std::string, uint64_t>& counts) {
  uint64_t sum = 0;
  for (const auto& [name, count] : counts) sum += count;
  return sum;
}

// Runs of `quern run` with the engine LLM, against a server of its own.
class ModelsTest : public RunTest {
 protected:
  std::string WriteSpec(const ModelJob& job = {}) {
    // Shards of a second: a kill is then likely to fall between two commits.
    const std::string text = absl::StrFormat(
        "engine: llm\n"
        "models:\n"
        "  - name: small\n"
        "    base_urls: [\"%s\"]\n"
        "    model: simulated\n"
        "    max_concurrency: %d\n"
        "    max_retries: %d\n"
        "    price: {input: %g, cached_input: %g, output: %g}\n"
        "%s"
        "queue: {max_attempts: %d}\n"
        "output: {max_shard_age: 1s}\n"
        "%s",
        server_.base_url(), job.max_concurrency, job.max_retries, kInputPrice, kCachedPrice, kOutputPrice, job.model,
        job.max_attempts, job.spec);
    return folder_.Write("job.yaml", text);
  }

  std::vector<std::string> Words(const std::string& output) const {
    return {"run", folder_ / "corpus.jsonl", "--output", output, "--spec", folder_ / "job.yaml"};
  }

  // Starts a run and leaves it to the caller.
  std::unique_ptr<ChildProcess> Begin(const std::string& output) const {
    std::vector<std::string> words = Words(output);
    words.insert(words.begin(), "quern");
    return std::make_unique<ChildProcess>(words, environment_);
  }

  // Runs to the end.
  Said Run(const std::string& output) const {
    const auto process = Begin(output);
    const std::optional<int> code = process->Wait(absl::Seconds(100));
    return {code, process->Stdout(), process->Stderr()};
  }

  // Begins a run and sends it `signal` once the server has got `calls` requests more. False when it ended before.
  bool Interrupt(const std::string& output, int signal, size_t calls, std::optional<int>* code) const {
    const size_t before = server_.Calls().size();
    const auto process = Begin(output);
    const bool under_way = WaitUntil(*process, [&] { return server_.Calls().size() >= before + calls; });
    if (under_way) process->Signal(signal);
    *code = process->Wait(absl::Seconds(60));
    EXPECT_TRUE(under_way) << process->Stderr();
    return under_way;
  }

  // The ids of the records that an undisturbed run makes of the same corpus and spec.
  std::set<std::string> ReferenceIds() {
    ModelServer calm(folder_ / "calm.jsonl");
    calm.Start();
    const std::string spec = dataset::TemporaryFolder::Read(folder_ / "job.yaml");
    const std::string calm_spec =
        folder_.Write("calm.yaml", absl::StrReplaceAll(spec, {{server_.base_url(), calm.base_url()}}));
    const Said said = Quern({"run", folder_ / "corpus.jsonl", "--output", Output("calm"), "--spec", calm_spec});
    EXPECT_EQ(said.code, 0) << said.err;
    return RecordIds(Output("calm"));
  }

  // No proxy of the machine stands between the two.
  std::vector<std::string> environment_ = {"no_proxy=127.0.0.1"};
  ModelServer server_{folder_ / "witness.jsonl"};
};

}  // namespace quern::testing

#include <cmath>

#include "tests/system/models/models_fixture.h"

namespace quern::testing {
namespace {

using ::testing::HasSubstr;

constexpr uint64_t kMixedDocuments = 500;

class EstimateTest : public ModelsTest {
 protected:
  // Short and long ones, some that rules turn away, some that stand there twice, and lines that cannot be read.
  void WriteMixedCorpus() const {
    std::string text;
    for (uint64_t i = 0; i < kMixedDocuments; ++i) {
      const size_t bytes = 300 + (i * i * 37) % 9000;
      const std::string line = MakeProseLine(i, bytes);
      text += line;
      if (i % 9 == 0) text += line;
      if (i % 4 == 0) {
        text += R"({"id": "poor-)" + std::to_string(i) + R"(", "text": ")" + std::string(i % 700 + 10, '#') + "\"}\n";
      }
      if (i % 25 == 0) text += "{\"text\": \n";
    }
    folder_.Write("corpus.jsonl", text);
  }

  Said Estimate(std::vector<std::string> more) const {
    std::vector<std::string> words = {"quern", "estimate", folder_ / "corpus.jsonl", "--spec", folder_ / "job.yaml"};
    words.insert(words.end(), more.begin(), more.end());
    std::vector<std::string> environment = environment_;
    environment.push_back("TMPDIR=" + folder_.path());
    ChildProcess process(words, environment);
    const std::optional<int> code = process.Wait(absl::Seconds(100));
    return {code, process.Stdout(), process.Stderr()};
  }

  // What stands in the folder of temporary files: nothing that an estimate made.
  bool LeftNothing() const {
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
      if (entry.path().filename().string().rfind("quern-estimate-", 0) == 0) return false;
    }
    return true;
  }
};

void ExpectWithin(const nlohmann::json& interval, double truth, double share, const char* what) {
  EXPECT_NEAR(interval["value"].get<double>(), truth, share * truth) << what << " " << interval.dump();
  ::testing::Test::RecordProperty(std::string(what) + "_permille",
                                  std::to_string(std::lround(1000 * interval["value"].get<double>() / truth)));
  EXPECT_LE(interval["low"].get<double>(), interval["value"].get<double>()) << what;
  EXPECT_GE(interval["high"].get<double>(), interval["value"].get<double>()) << what;
  // Of a truth that no bound holds in one of twenty cases, the bounds are not far.
  const double width = interval["high"].get<double>() - interval["low"].get<double>();
  EXPECT_GT(truth, interval["low"].get<double>() - width / 2) << what;
  EXPECT_LT(truth, interval["high"].get<double>() + width / 2) << what;
}

TEST_F(EstimateTest, TellsWithinATenthWhatTheWholeRunTakes) {
  server_.Start({"--prefix-cache", "1000000"});
  WriteSpec();
  WriteMixedCorpus();
  const Said said = Estimate({"--json"});
  ASSERT_EQ(said.code, 0) << said.err;
  EXPECT_TRUE(LeftNothing());
  const auto told = nlohmann::json::parse(said.out, nullptr, false);
  ASSERT_TRUE(told.is_object()) << said.out;
  const std::vector<WitnessedCall> of_sample = server_.Calls();
  EXPECT_EQ(told["sample"]["documents"], 500);
  EXPECT_EQ(told["sample"]["calls"], of_sample.size());
  EXPECT_NEAR(told["sample"]["cost"].get<double>(), CostOf(of_sample), 1e-9);
  EXPECT_EQ(told["exact"], false);
  EXPECT_EQ(told["unreadable"], kMixedDocuments / 25);

  server_.Restart({"--prefix-cache", "1000000"});
  ASSERT_EQ(Run(Output()).code, 3) << "unreadable lines are dead letters";
  const std::vector<WitnessedCall> all = server_.Calls();
  const std::vector<WitnessedCall> of_run(all.begin() + static_cast<int64_t>(of_sample.size()), all.end());
  double input = 0;
  double output = 0;
  for (const WitnessedCall& call : of_run) {
    input += static_cast<double>(call.input_tokens);
    output += static_cast<double>(call.output_tokens);
  }
  ExpectWithin(told["input_tokens"], input, 0.1, "input");
  ExpectWithin(told["output_tokens"], output, 0.1, "output");
  ExpectWithin(told["cost"], CostOf(of_run), 0.1, "cost");
  ExpectWithin(told["calls"]["all"], static_cast<double>(of_run.size()), 0.1, "calls");
  for (const auto& [stage, count] : CallsByStage(of_run)) {
    ExpectWithin(told["calls"][stage], static_cast<double>(count), 0.15, stage.c_str());
  }
  ExpectWithin(told["records"], static_cast<double>(RecordIds(Output()).size()), 0.15, "records");
}

TEST_F(EstimateTest, ASmallCorpusIsWorkedOffAndItsRunIsPaidByTheCache) {
  constexpr uint64_t kFew = 40;
  server_.Start();
  WriteSpec();
  WriteCorpus(kFew);
  const Said said = Estimate({"--json", "--reply-cache", folder_ / "replies"});
  ASSERT_EQ(said.code, 0) << said.err;
  const auto told = nlohmann::json::parse(said.out, nullptr, false);
  const std::vector<WitnessedCall> calls = server_.Calls();
  EXPECT_EQ(told["exact"], true);
  EXPECT_EQ(told["calls"]["all"]["value"], calls.size());
  EXPECT_EQ(told["calls"]["all"]["low"], told["calls"]["all"]["high"]);
  EXPECT_NEAR(told["cost"]["value"].get<double>(), CostOf(calls), 1e-9);
  EXPECT_GT(told["seconds"]["value"].get<double>(), 0);

  // The sample again, and then the run, are paid by its replies; what they would cost stays the same.
  const auto again = nlohmann::json::parse(Estimate({"--json", "--reply-cache", folder_ / "replies"}).out);
  EXPECT_EQ(again["sample"]["calls"], 0);
  EXPECT_EQ(again["sample"]["cost"], 0);
  EXPECT_EQ(again["sample"]["reused_replies"], calls.size());
  // A sum of fractions, in the order of the replies.
  EXPECT_NEAR(again["cost"]["value"].get<double>(), told["cost"]["value"].get<double>(), 1e-9);
  EXPECT_EQ(again["input_tokens"], told["input_tokens"]);
  std::vector<std::string> words = Words(Output());
  words.insert(words.end(), {"--reply-cache", folder_ / "replies"});
  ASSERT_EQ(Quern(words).code, 0);
  EXPECT_EQ(RecordIds(Output()).size(), told["records"]["value"].get<size_t>());
  EXPECT_EQ(server_.Calls().size(), calls.size());
}

TEST_F(EstimateTest, TellsPeople) {
  server_.Start();
  WriteSpec();
  WriteCorpus(60);
  const Said said = Estimate({"--sample", "20", "--limit", "50"});
  ASSERT_EQ(said.code, 0) << said.err;
  EXPECT_THAT(said.out, HasSubstr("the corpus: 50 documents"));
  EXPECT_THAT(said.out, HasSubstr("20 of them, drawn at random"));
  EXPECT_THAT(said.out, HasSubstr("verifier calls"));
  EXPECT_THAT(said.out, HasSubstr("cost in USD"));
  EXPECT_THAT(said.out, HasSubstr(absl::StrFormat("the sample itself took %d calls", server_.Calls().size())));
}

TEST_F(EstimateTest, AJobThatAsksNobodyGetsAHint) {
  WriteCorpus(3);
  folder_.Write("job.yaml", "engine: extractive\n");
  const Said said = Estimate({});
  EXPECT_EQ(said.code, 0);
  EXPECT_THAT(said.err, HasSubstr("no stage of this job asks a model"));
  EXPECT_EQ(said.out, "");
}

TEST_F(EstimateTest, NothingToReadIsAnError) {
  server_.Start();
  WriteSpec();
  folder_.Write("corpus.jsonl", "{\n{\n");
  const Said said = Estimate({});
  EXPECT_EQ(said.code, 65);
  EXPECT_THAT(said.err, HasSubstr("no document that can be read"));
  EXPECT_TRUE(LeftNothing());
}

TEST_F(EstimateTest, AServerThatWantsAPersonPausesTheSample) {
  server_.Start({"--fault", "401=1"});
  WriteSpec();
  WriteCorpus(30);
  const Said said = Estimate({});
  EXPECT_EQ(said.code, 5) << said.err;
  EXPECT_THAT(said.err, HasSubstr("the sample was paused: "));
  EXPECT_THAT(said.err, HasSubstr("KEY_REFUSED"));
  EXPECT_TRUE(LeftNothing());
}

TEST_F(EstimateTest, AnInterruptTellsWhatWasPaid) {
  server_.Start({"--latency", "200ms"});
  ModelJob job;
  job.max_concurrency = 2;
  WriteSpec(job);
  WriteCorpus(60);
  std::vector<std::string> environment = environment_;
  environment.push_back("TMPDIR=" + folder_.path());
  ChildProcess process({"quern", "estimate", folder_ / "corpus.jsonl", "--spec", folder_ / "job.yaml"}, environment);
  ASSERT_TRUE(WaitUntil(process, [&] { return server_.Calls().size() >= 10; })) << process.Stderr();
  process.Signal(SIGINT);
  EXPECT_EQ(process.Wait(absl::Seconds(60)), 130) << process.Stderr();
  EXPECT_THAT(process.Stderr(), HasSubstr(absl::StrFormat("the sample took %d calls", server_.Calls().size())));
  EXPECT_TRUE(LeftNothing());
}

}  // namespace
}  // namespace quern::testing

#include <gmock/gmock.h>

#include <fstream>

#include "tests/support/redis_server.h"
#include "tests/support/rpc/daemon.h"
#include "tests/support/wait_until.h"
#include "tests/system/run/run_fixture.h"

namespace quern::testing {
namespace {

using ::testing::HasSubstr;

// The five services as processes of their own, with two generators, on one Redis.
class FiveProcessesTest : public RunTest {
 protected:
  void SetUp() override {
    for (const char* name : {"filter", "persona", "generator", "verifier", "generator"}) Start(name, {});
    Start("pipeline",
          {"--set=pipeline.data_dir=" + Output("data"), "--set=pipeline.filter_address=" + stages_[0]->grpc_address(),
           "--set=pipeline.persona_address=" + stages_[1]->grpc_address(),
           "--set=pipeline.generator_address=" + stages_[2]->grpc_address(),
           "--set=pipeline.verifier_address=" + stages_[3]->grpc_address()});
    server_ = stages_.back()->grpc_address();
  }

  void Start(const std::string& name, std::vector<std::string> flags) {
    flags.push_back("--redis=" + redis_.url());
    stages_.push_back(std::make_unique<Daemon>("quern-" + name, flags));
    ASSERT_TRUE(stages_.back()->WaitUntilItServes()) << stages_.back()->process().Stderr();
  }

  Said AskServer(std::vector<std::string> words) const {
    words.push_back("--server");
    words.push_back(server_);
    return Quern(words);
  }

  RedisServer redis_;
  std::vector<std::unique_ptr<Daemon>> stages_;
  std::string server_;
};

TEST_F(FiveProcessesTest, SubmitGivesTheRecordsOfRun) {
  const std::string corpus = WriteCorpus(1000);
  ASSERT_EQ(Quern({"run", corpus, "--output", Output("reference")}).code, 0);
  const Said submitted = AskServer({"submit", corpus, "--job", "first", "--watch"});
  ASSERT_EQ(submitted.code, 0) << submitted.err;
  ExpectComplete(Output("data") + "/first", 1000);
  EXPECT_EQ(RecordIds(Output("data") + "/first"), RecordIds(Output("reference")));

  // The same command again is harmless; other documents or another spec under the same name are refused.
  EXPECT_EQ(AskServer({"submit", corpus, "--job", "first", "--watch"}).code, 0);
  EXPECT_EQ(AskServer({"submit", corpus, "--job", "first", "--set", "seed=3"}).code, 73);
  const std::string other = Output("other.jsonl");
  std::ofstream(other) << R"({"id": "another", "text": "A document that the job does not have."})"
                       << "\n";
  const Said refused = AskServer({"submit", other, "--job", "first"});
  EXPECT_EQ(refused.code, 65);
  EXPECT_THAT(refused.err, HasSubstr("takes no more documents"));
  const Said impossible = AskServer({"submit", corpus, "--job", "maths", "--set", "persona.domain=Maths"});
  EXPECT_EQ(impossible.code, 78);
  EXPECT_THAT(impossible.err, HasSubstr("persona.domain is \"Maths\""));

  const Said records = AskServer({"records", "first"});
  ASSERT_EQ(records.code, 0) << records.err;
  std::set<std::string> ids;
  std::istringstream lines(records.out);
  for (std::string line; std::getline(lines, line);) ids.insert(nlohmann::json::parse(line)["id"]);
  EXPECT_EQ(ids, RecordIds(Output("reference")));
  // A reader that has left, as `head` does, is no fault.
  const std::string quern = ProgramFolder() + "/quern";
  ChildProcess left(
      {"/bin/bash", "-c", "set -o pipefail; " + quern + " records first --server " + server_ + " | true"});
  EXPECT_EQ(left.Wait(absl::Seconds(60)), 0) << left.Stderr();
}

TEST_F(FiveProcessesTest, AJobIsPausedResumedCancelledAndDeleted) {
  const std::string corpus = WriteCorpus(300);
  ASSERT_EQ(AskServer({"submit", corpus, "--job", "first"}).code, 0);
  EXPECT_THAT(AskServer({"pause", "first"}).err, HasSubstr("paused"));
  EXPECT_THAT(AskServer({"status", "first"}).out, HasSubstr("paused"));
  EXPECT_THAT(AskServer({"resume", "first"}).err, HasSubstr("running"));
  EXPECT_EQ(AskServer({"watch", "first"}).code, 0);
  const Said late = AskServer({"cancel", "first"});
  EXPECT_EQ(late.code, 65) << late.err;
  EXPECT_EQ(AskServer({"delete", "first", "--dataset"}).code, 0);
  EXPECT_EQ(AskServer({"status", "first"}).code, 65);
  EXPECT_FALSE(std::filesystem::exists(Output("data") + "/first/manifest.json"));
}

// Why it is paused may be mended while, or after, the documents are sent.
TEST_F(FiveProcessesTest, AJobThatIsPausedForAReasonTakesAllDocuments) {
  const std::string corpus = WriteCorpus(300);
  const std::string spec = Output("job.yaml");
  std::ofstream(spec) << "engine: llm\n"
                         "models: [{name: m, model: m, base_urls: [\"http://127.0.0.1:1/v1\"], "
                         "api_key_env: QUERN_TEST_NO_SUCH_KEY}]\n";
  const std::vector<std::string> submit = {"submit", corpus, "--job", "held", "--spec", spec};
  const Said first = AskServer(submit);
  ASSERT_EQ(first.code, 0) << first.err;
  const Said status = AskServer({"status", "held"});
  EXPECT_THAT(status.out, HasSubstr("QUERN_TEST_NO_SUCH_KEY"));
  EXPECT_THAT(status.out, HasSubstr("300 accepted"));
  EXPECT_THAT(status.out, ::testing::Not(HasSubstr("input open")));

  EXPECT_EQ(AskServer(submit).code, 0) << "the same again is harmless";
  std::vector<std::string> watch = submit;
  watch.push_back("--watch");
  const Said watched = AskServer(watch);
  EXPECT_EQ(watched.code, 5) << watched.err;
  EXPECT_EQ(AskServer({"cancel", "held"}).code, 0);
}

TEST_F(FiveProcessesTest, ConvertShowsTheTraceOfOneDocument) {
  const std::string corpus = WriteCorpus(3);
  const Said remote = AskServer({"convert", corpus, "--line", "2", "--json"});
  ASSERT_EQ(remote.code, 0) << remote.err;
  const Said local = Quern({"convert", corpus, "--line", "2", "--json"});
  ASSERT_EQ(local.code, 0) << local.err;
  const auto trace = [](const Said& said) { return nlohmann::json::parse(said.out)["document"]; };
  EXPECT_EQ(trace(remote)["id"], "doc-1");
  EXPECT_EQ(trace(remote), trace(local));
}

TEST_F(FiveProcessesTest, ASecondPipelineOnTheSameFolderIsRefused) {
  Daemon second("quern-pipeline", {"--redis=" + redis_.url(), "--set=pipeline.data_dir=" + Output("data")});
  EXPECT_FALSE(second.WaitUntilItServes());
  EXPECT_EQ(second.process().Wait(absl::Seconds(30)), 73);
  EXPECT_THAT(second.process().Stderr(), HasSubstr("another quern-pipeline writes datasets there"));
  Daemon nowhere("quern-pipeline", {"--redis=" + redis_.url(), "--set=pipeline.data_dir=/proc/quern"});
  EXPECT_FALSE(nowhere.WaitUntilItServes());
  EXPECT_EQ(nowhere.process().Wait(absl::Seconds(30)), 73);
  EXPECT_THAT(nowhere.process().Stderr(), HasSubstr("/proc/quern"));
}

TEST_F(FiveProcessesTest, HealthTellsWhoTakesWork) {
  for (const auto& stage : stages_) EXPECT_EQ(Quern({"health", stage->grpc_address()}).code, 0);
  redis_.Kill();
  WaitUntil([&] { return Quern({"health", server_}).code == 69; }, "the pipeline takes no work without Redis");
  const Said nobody = Quern({"health", "127.0.0.1:1"});
  EXPECT_EQ(nobody.code, 69);
  EXPECT_THAT(nobody.err, HasSubstr("answers at 127.0.0.1:1"));
  EXPECT_EQ(Quern({"health", "nowhere"}).code, 64);
}

TEST_F(FiveProcessesTest, AServerThatIsNotThereIsSaidAtOnce) {
  const std::string corpus = WriteCorpus(3);
  const Said said = Quern({"submit", corpus, "--job", "x", "--server", "127.0.0.1:1"}, absl::Seconds(45));
  EXPECT_EQ(said.code, 69);
  EXPECT_THAT(said.err, HasSubstr("no pipeline answers at 127.0.0.1:1;"));
}

}  // namespace
}  // namespace quern::testing

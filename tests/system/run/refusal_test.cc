#include <gmock/gmock.h>

#include "tests/system/run/run_fixture.h"

namespace quern::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Nothing may have been begun.
void ExpectUntouched(const std::string& output) { EXPECT_FALSE(std::filesystem::exists(output)) << output; }

TEST_F(RunTest, AllInputsAreCheckedBeforeAnythingBegins) {
  const std::string corpus = WriteCorpus(10);
  const Said said = Quern({"run", corpus, folder_ / "missing.jsonl", "/dev/null", "--output", Output()});
  EXPECT_EQ(said.code, 66);
  EXPECT_THAT(said.err, HasSubstr("missing.jsonl"));
  EXPECT_THAT(said.err, HasSubstr("/dev/null"));
  ExpectUntouched(Output());
}

TEST_F(RunTest, ASpecsFaultsAreAllNamedWithTheirPaths) {
  const std::string corpus = WriteCorpus(10);
  const std::string spec = folder_.Write("job.yaml", "queue:\n  lanes: many\n  speed: 9\n");
  const Said said = Quern({"run", corpus, "--output", Output(), "--spec", spec});
  EXPECT_EQ(said.code, 78);
  EXPECT_THAT(said.err, HasSubstr("queue.lanes"));
  EXPECT_THAT(said.err, HasSubstr("queue.speed"));
  ExpectUntouched(Output());
  EXPECT_EQ(Quern({"run", corpus, "--output", Output(), "--spec", folder_ / "missing.yaml"}).code, 78);
  EXPECT_EQ(Quern({"run", corpus, "--output", Output(), "--set", "queue.lanes=many"}).code, 78);
  EXPECT_EQ(Quern({"run", corpus, "--output", Output(), "--engine", "magic"}).code, 78);
  EXPECT_EQ(Quern({"run", corpus, "--outptu", Output()}).code, 64);
  ExpectUntouched(Output());
}

TEST_F(RunTest, AFolderOfAnotherRunIsRefusedAndSaysWhy) {
  const std::string corpus = WriteCorpus(20);
  ASSERT_EQ(Quern({"run", corpus, "--output", Output()}).code, 0);
  const std::set<std::string> before = RecordIds(Output());

  const Said other_spec = Quern({"run", corpus, "--output", Output(), "--set", "seed=9"});
  EXPECT_EQ(other_spec.code, 73);
  EXPECT_THAT(other_spec.err, HasSubstr("another spec (seed)"));

  const std::string more = folder_.Write("more.jsonl", MakeProseLine(1, 500));
  const Said other_input = Quern({"run", more, "--output", Output()});
  EXPECT_EQ(other_input.code, 73);
  EXPECT_THAT(other_input.err, HasSubstr("other inputs"));

  EXPECT_EQ(RecordIds(Output()), before);
}

TEST_F(RunTest, AFolderOfSomethingElseIsLeftAlone) {
  const std::string corpus = WriteCorpus(20);
  std::filesystem::create_directories(Output());
  std::ofstream(Output() + "/thesis.tex") << "mine";
  const Said said = Quern({"run", corpus, "--output", Output()});
  EXPECT_EQ(said.code, 73);
  EXPECT_FALSE(std::filesystem::exists(Output() + "/redis"));
}

TEST_F(RunTest, AnOutputThatCannotBeMadeIsSaid) {
  const std::string corpus = WriteCorpus(20);
  const Said said = Quern({"run", corpus, "--output", corpus + "/out"});
  EXPECT_EQ(said.code, 73);
  EXPECT_THAT(said.err, HasSubstr(corpus + "/out"));
}

TEST_F(RunTest, DocumentTextStaysOutOfTheLog) {
  const std::string canary = "xylographaquarium";
  std::string text;
  for (uint64_t i = 0; i < 30; ++i) {
    ProseDocument document = MakeProse(i, 900);
    for (char& c : document.text) c = c == '\n' ? ' ' : c;
    text += "{\"id\": \"doc-" + std::to_string(i) + "\", \"title\": \"" + document.title + "\", \"text\": \"" +
            document.text + " The " + canary + " was built in 1850.\"}\n";
  }
  text += "{\"text\": \"" + canary + "\n";
  const std::string corpus = folder_.Write("corpus.jsonl", text);
  const Said said = Quern({"run", corpus, "--output", Output()});
  EXPECT_EQ(said.code, 3) << said.err;
  EXPECT_THAT(said.err, Not(HasSubstr(canary)));
  EXPECT_THAT(dataset::TemporaryFolder::Read(Output() + "/quern.log"), Not(HasSubstr(canary)));
  EXPECT_THAT(dataset::TemporaryFolder::Read(Output() + "/redis/redis.log"), Not(HasSubstr(canary)));
}

}  // namespace
}  // namespace quern::testing

#include <gmock/gmock.h>

#include "tests/system/run/run_fixture.h"

namespace quern::testing {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

TEST_F(RunTest, TurnsACorpusIntoADatasetThatReconciles) {
  const std::string corpus = WriteCorpus(2000);
  const Said said = Quern({"run", corpus, "--output", Output()});
  ASSERT_EQ(said.code, 0) << said.err;
  // Data alone on standard output: the dataset's path.
  EXPECT_EQ(said.out, Output() + "\n");
  ExpectComplete(Output(), 2000);
}

TEST_F(RunTest, ACompletedRunSaysSoAndChangesNothing) {
  const std::string corpus = WriteCorpus(50);
  ASSERT_EQ(Quern({"run", corpus, "--output", Output()}).code, 0);
  const auto manifest = dataset::TemporaryFolder::Read(Output() + "/manifest.json");
  const Said again = Quern({"run", corpus, "--output", Output()}, absl::Seconds(10));
  EXPECT_EQ(again.code, 0);
  EXPECT_THAT(again.err, HasSubstr("complete already"));
  EXPECT_EQ(dataset::TemporaryFolder::Read(Output() + "/manifest.json"), manifest);
}

TEST_F(RunTest, ACompletedRunIsToldByWhatItsFolderHoldsNow) {
  const std::string corpus = WriteCorpus(50);
  ASSERT_EQ(Quern({"run", corpus, "--output", Output()}).code, 0);
  const std::string copy = Output("copy");
  std::filesystem::copy(Output(), copy, std::filesystem::copy_options::recursive);
  const Said copied = Quern({"run", corpus, "--output", copy}, absl::Seconds(10));
  EXPECT_EQ(copied.code, 0) << copied.err;
  EXPECT_THAT(copied.err, HasSubstr("dataset: " + copy + "\n"));
  std::filesystem::remove_all(copy + "/records");
  const Said without_records = Quern({"run", corpus, "--output", copy}, absl::Seconds(10));
  EXPECT_EQ(without_records.code, 65) << without_records.err;
  EXPECT_THAT(without_records.err, HasSubstr(copy + "/records/0"));
  std::filesystem::remove(copy + "/manifest.json");
  EXPECT_EQ(Quern({"run", corpus, "--output", copy}, absl::Seconds(10)).code, 66);
}

TEST_F(RunTest, TheLimitTakesTheFirstDocuments) {
  const std::string corpus = WriteCorpus(300);
  ASSERT_EQ(Quern({"run", corpus, "--output", Output(), "--limit", "40"}).code, 0);
  ExpectComplete(Output(), 40);
}

TEST_F(RunTest, StandardInputIsKeptSoThatTheRunCanResume) {
  const std::string corpus = WriteCorpus(100);
  const std::string quern = ProgramFolder() + "/quern";
  ChildProcess process({"/bin/sh", "-c", quern + " run - --output " + Output() + " < " + corpus});
  ASSERT_EQ(process.Wait(absl::Seconds(60)), 0) << process.Stderr();
  ExpectComplete(Output(), 100);
  EXPECT_EQ(dataset::TemporaryFolder::Read(Output() + "/stdin"), dataset::TemporaryFolder::Read(corpus));
  const Said again = Quern({"run", "-", "--output", Output()}, absl::Seconds(10));
  EXPECT_EQ(again.code, 0);
  EXPECT_THAT(again.err, HasSubstr("standard input was not read"));
}

TEST_F(RunTest, ClosedStandardInputIsSaidToBeClosed) {
  ChildProcess process({"/bin/sh", "-c", ProgramFolder() + "/quern run - --output " + Output() + " <&-"});
  EXPECT_EQ(process.Wait(absl::Seconds(30)), 66) << process.Stderr();
  EXPECT_THAT(process.Stderr(), HasSubstr("standard input is closed"));
}

TEST_F(RunTest, UnreadableLinesBecomeDeadLettersAndExitCode3) {
  std::string text;
  for (uint64_t i = 0; i < 60; ++i) text += MakeProseLine(i, 1000);
  text += "{\"text\": \n";
  text += "[1, 2]\n";
  text += "{\"id\": \"x\", \"text\": \"\xff\xfe\"}\n";
  text += "{\"id\": \"y\"}\n";
  const std::string corpus = folder_.Write("corpus.jsonl", text);
  const Said said = Quern({"run", corpus, "--output", Output()});
  EXPECT_EQ(said.code, 3) << said.err;
  ExpectComplete(Output(), 60, 4);
  const auto letters = Rows<v1::DeadLetterRow>(Output(), dataset::RowKind::kDeadLetters);
  ASSERT_EQ(letters.size(), 4);
  for (const v1::DeadLetterRow& letter : letters) {
    EXPECT_FALSE(letter.reason().empty());
    EXPECT_THAT(letter.source(), EndsWith("corpus.jsonl"));
    EXPECT_GT(letter.position(), 60);
  }
  // The exit code stays the same when there is nothing left to do.
  EXPECT_EQ(Quern({"run", corpus, "--output", Output()}).code, 3);
}

TEST_F(RunTest, AnEmptyFileIsASuccessWithAWarning) {
  const std::string corpus = folder_.Write("empty.jsonl", "");
  const Said said = Quern({"run", corpus, "--output", Output()});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_THAT(said.err, HasSubstr("warning"));
}

}  // namespace
}  // namespace quern::testing

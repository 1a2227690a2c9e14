#include "clients/cli/submission.h"

#include <gtest/gtest.h>

#include "tests/unit/clients/cli/fake_pipeline.h"
#include "tests/unit/common/dataset/compress.h"
#include "tests/unit/common/dataset/temporary_folder.h"

namespace quern::cli {
namespace {

using dataset::TemporaryFolder;

// `documents` lines of JSON.
std::string Lines(int documents) {
  std::string text;
  for (int i = 0; i < documents; ++i) text += "{\"text\": \"document " + std::to_string(i) + "\"}\n";
  return text;
}

SubmissionOptions FastSubmission() {
  SubmissionOptions options;
  options.backoff.first = options.backoff.longest = absl::Milliseconds(1);
  return options;
}

class SubmissionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    first_ = folder_.Write("a.jsonl", Lines(1000));
    second_ = folder_.Write("b.jsonl", Lines(500));
    corpus_ = *dataset::OpenCorpus({first_, second_}, {});
  }

  absl::Status Submit(const SubmissionOptions& options) {
    FakeServer server(&pipeline_);
    const auto progress = [this](const InputProgress& input) { last_ = input; };
    return SubmitCorpus(server.channel(), pipeline_.job, corpus_, options, progress, {}, {});
  }

  TemporaryFolder folder_;
  std::string first_, second_;
  dataset::Corpus corpus_;
  FakePipeline pipeline_;
  InputProgress last_;
};

TEST_F(SubmissionTest, SendsAllSourcesAndClosesTheInput) {
  ASSERT_TRUE(Submit(FastSubmission()).ok());
  EXPECT_EQ(pipeline_.Positions(first_).size(), 1000);
  EXPECT_EQ(pipeline_.Positions(second_).size(), 500);
  EXPECT_EQ(pipeline_.closed(), 1);
  EXPECT_TRUE(last_.closed);
  EXPECT_EQ(last_.bytes_read, last_.bytes);
}

TEST_F(SubmissionTest, ASourceThatWasLostAfterItWasSentIsSentAgainBeforeTheInputCloses) {
  // Redis goes back between the two sources, and no stream is open then.
  bool lost = false;
  pipeline_.break_stream = [&](int) {
    if (!lost && !pipeline_.Positions(second_).empty()) {
      lost = true;
      pipeline_.RollBack(first_, 400);
    }
    return false;
  };
  ASSERT_TRUE(Submit(FastSubmission()).ok());
  EXPECT_TRUE(lost);
  EXPECT_EQ(pipeline_.Positions(first_).size(), 1000);
}

TEST_F(SubmissionTest, TheLimitCountsOverSourcesAlsoWhenResumed) {
  SubmissionOptions options = FastSubmission();
  options.limit = 1200;
  pipeline_.break_stream = [](int requests) { return requests % 3 == 0; };
  ASSERT_TRUE(Submit(options).ok());
  EXPECT_EQ(pipeline_.Positions(first_).size(), 1000);
  EXPECT_EQ(pipeline_.Positions(second_).size(), 200);
}

// A truncated file's warning came twice, and again after each lost connection.
TEST_F(SubmissionTest, AWarningIsToldOnce) {
  const std::string whole = dataset::Gzip(Lines(1000));
  corpus_ = *dataset::OpenCorpus({folder_.Write("cut.jsonl.gz", whole.substr(0, whole.size() / 2))}, {});
  pipeline_.break_stream = [broken = false](int requests) mutable {
    return requests > 2 && !std::exchange(broken, true);
  };
  std::vector<std::string> warnings;
  FakeServer server(&pipeline_);
  ASSERT_TRUE(SubmitCorpus(server.channel(), pipeline_.job, corpus_, FastSubmission(), {},
                           [&](const std::string& warning) { warnings.push_back(warning); }, {})
                  .ok());
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_NE(warnings[0].find("ends early"), std::string::npos);
}

TEST_F(SubmissionTest, AClosedInputIsNotSentAgain) {
  pipeline_.job.set_input_closed(true);
  ASSERT_TRUE(Submit(FastSubmission()).ok());
  EXPECT_EQ(pipeline_.streams(), 0);
}

}  // namespace
}  // namespace quern::cli

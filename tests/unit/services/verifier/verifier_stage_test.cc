#include "services/verifier/verifier_stage.h"

#include <gtest/gtest.h>

#include "common/base/error.h"
#include "tests/unit/common/dataset/temporary_folder.h"

namespace quern::verifier {
namespace {

stage::StageInput Input(const std::string& question) {
  auto document = std::make_shared<v1::Document>();
  document->set_id("d");
  document->set_text("Canberra is the capital of Australia.");
  v1::WorkItem item;
  item.set_document_id("d");
  if (!question.empty()) {
    item.mutable_question_answer()->set_question(question);
    item.mutable_question_answer()->set_answer("Canberra");
  }
  return stage::StageInput(document, item);
}

TEST(VerifierStageTest, PassesOnWithChecksAndTrace) {
  const stage::Outcome outcome = VerifierStage(Options()).Decide(Input("What is the capital of Australia?"));
  const v1::WorkItem& item = std::get<stage::Advance>(outcome).outputs.at(0);
  EXPECT_EQ(item.checks_size(), 7);
  ASSERT_EQ(item.trace_size(), 1);
  EXPECT_EQ(item.trace(0).stage(), v1::STAGE_NAME_VERIFIER);
  EXPECT_EQ(item.question_answer().answer_span().end(), 8u);
}

TEST(VerifierStageTest, RejectsWithTheFailedCheck) {
  const stage::Outcome outcome = VerifierStage(Options()).Decide(Input("What is its capital city called?"));
  const auto& reject = std::get<stage::Reject>(outcome);
  EXPECT_EQ(reject.rejection.reason(), "NOT_SELF_CONTAINED");
  EXPECT_EQ(reject.rejection.message(),
            "the question needs the document to be understood: \"its\" points outside the question");
  EXPECT_EQ(reject.rejection.stage(), v1::STAGE_NAME_VERIFIER);
  EXPECT_FALSE(reject.item.checks(reject.item.checks_size() - 1).passed());
  EXPECT_EQ(reject.item.question_answer().answer(), "Canberra");
}

TEST(VerifierStageTest, ItemWithoutAPairIsAtFault) {
  const stage::Outcome outcome = VerifierStage(Options()).Decide(Input(""));
  const auto& fault = std::get<stage::Fault>(outcome);
  EXPECT_EQ(fault.of, stage::Fault::Of::kItem);
  EXPECT_EQ(ErrorReason(fault.status), "NO_PAIR");
}

class DecontaminatingStageTest : public ::testing::Test {
 protected:
  DecontaminatingStageTest() {
    v1::EvaluationSet* const set = spec_.mutable_verifier()->mutable_decontamination()->add_sets();
    set->set_name("capitals");
    set->set_file(
        folder_.Write("capitals.jsonl",
                      "{\"question\": \"Who wrote Emma?\"}\n{\"question\": \"What is the CAPITAL of Australia\"}\n"));
  }

  stage::Outcome Decide(const std::string& question) const {
    const auto made = MakeVerifierStage(spec_);
    EXPECT_TRUE(made.ok()) << made.status();
    return std::static_pointer_cast<VerifierStage>(*made)->Decide(Input(question));
  }

  dataset::TemporaryFolder folder_;
  v1::JobSpec spec_;
};

TEST_F(DecontaminatingStageTest, RejectionNamesSetAndWords) {
  const stage::Outcome outcome = Decide("What is the capital of Australia?");
  const auto& reject = std::get<stage::Reject>(outcome);
  EXPECT_EQ(reject.rejection.reason(), "CONTAMINATED");
  EXPECT_EQ(reject.rejection.message(),
            "the question stands in an evaluation set: capitals, entry 2: \"what is the capital of australia\"");
  ASSERT_EQ(reject.item.checks_size(), 8);
  EXPECT_EQ(reject.item.checks(7).name(), "decontaminated");
  EXPECT_FALSE(reject.item.checks(7).passed());
  EXPECT_EQ(reject.item.checks(7).detail(), "capitals, entry 2: \"what is the capital of australia\"");
}

TEST_F(DecontaminatingStageTest, OtherQuestionsPassWithTheCheck) {
  const stage::Outcome outcome = Decide("Which city is the capital of Australia?");
  const v1::WorkItem& item = std::get<stage::Advance>(outcome).outputs.at(0);
  ASSERT_EQ(item.checks_size(), 8);
  EXPECT_EQ(item.checks(7).name(), "decontaminated");
  EXPECT_TRUE(item.checks(7).passed());
}

// A pair that fails otherwise is told so: what makes it bad is the better news for who tunes the generator.
TEST_F(DecontaminatingStageTest, RunsAfterTheOtherChecks) {
  const stage::Outcome outcome = Decide("Who wrote Emma?");
  EXPECT_EQ(std::get<stage::Reject>(outcome).rejection.reason(), "BAD_LENGTH");
}

TEST_F(DecontaminatingStageTest, SkippedCheckReadsNoFile) {
  spec_.mutable_verifier()->mutable_decontamination()->mutable_sets(0)->set_file("/missing");
  EXPECT_EQ(ErrorReason(MakeVerifierStage(spec_).status()), "INVALID_SPEC");
  spec_.mutable_verifier()->add_skip_checks("decontaminated");
  const stage::Outcome outcome = Decide("What is the capital of Australia?");
  EXPECT_EQ(std::get<stage::Advance>(outcome).outputs.at(0).checks_size(), 7);
}

}  // namespace
}  // namespace quern::verifier

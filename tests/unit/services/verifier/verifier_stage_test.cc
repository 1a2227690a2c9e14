#include "services/verifier/verifier_stage.h"

#include <gtest/gtest.h>

#include "common/base/error.h"

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

}  // namespace
}  // namespace quern::verifier

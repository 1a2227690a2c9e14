// What the filter makes of a model's replies.
#include "services/filter/model_filter_stage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/error.h"
#include "tests/support/models.h"
#include "tests/unit/services/filter/prose.h"

namespace quern::filter {
namespace {

using ::quern::testing::JobAsking;
using ::quern::testing::ScriptedModel;
using ::testing::HasSubstr;

class ModelFilterStageTest : public ::testing::Test {
 protected:
  // The outcome for a document when the model always gives this reply.
  stage::Outcome Decide(const std::string& reply, const std::string& text = Article()) {
    model_ = std::make_unique<ScriptedModel>([reply](const std::string&) { return reply; });
    v1::JobSpec job = JobAsking({model_->base_url()});
    *job.mutable_filter()->mutable_llm() = job.generator().llm();
    auto stage = ModelFilterStage::Make(job, &hub_);
    if (!stage.ok()) throw std::runtime_error(stage.status().ToString());
    auto document = std::make_shared<v1::Document>();
    document->set_id("d");
    document->set_text(text);
    v1::WorkItem item;
    item.set_document_id("d");
    return testing::RunOne((*stage)->Process(stage::StageInput(document, item)));
  }

  llm::Hub hub_{nullptr, nullptr};
  std::unique_ptr<ScriptedModel> model_;
};

TEST_F(ModelFilterStageTest, AKeptDocumentCarriesTheRulesVerdictAndTheCallsCost) {
  const stage::Outcome outcome =
      Decide(R"({"reason": "good", "informative": true, "self_contained": true, "deep": true})");
  const auto& item = std::get<stage::Advance>(outcome).outputs.at(0);
  EXPECT_EQ(item.filter().language(), "en");
  ASSERT_EQ(item.trace_size(), 1);
  EXPECT_EQ(item.trace(0).stage(), v1::STAGE_NAME_FILTER);
  EXPECT_EQ(item.trace(0).engine(), v1::ENGINE_LLM);
  EXPECT_EQ(item.trace(0).calls(), 1u);
  EXPECT_EQ(item.trace(0).input_tokens(), 10u);
  EXPECT_THAT(model_->prompts().at(0), HasSubstr("Granite is a coarse-grained"));
}

TEST_F(ModelFilterStageTest, EachOfTheThreeVerdictsRejectsByItsNameAndKeepsTheReply) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"reason": "r", "informative": false, "self_contained": false, "deep": false})", "NOT_INFORMATIVE"},
      {R"({"reason": "r", "informative": true, "self_contained": false, "deep": false})", "NOT_SELF_CONTAINED"},
      {R"({"reason": "r", "informative": true, "self_contained": true, "deep": false})", "NOT_DEEP"}};
  for (const auto& [reply, reason] : cases) {
    const stage::Outcome outcome = Decide(reply);
    const auto& reject = std::get<stage::Reject>(outcome);
    EXPECT_EQ(reject.rejection.reason(), reason);
    EXPECT_EQ(reject.rejection.stage(), v1::STAGE_NAME_FILTER);
    EXPECT_EQ(reject.rejection.reply().text(), reply);
    EXPECT_EQ(reject.item.trace(0).calls(), 1u);
  }
}

TEST_F(ModelFilterStageTest, WhatTheRulesTurnAwayIsNotAskedAbout) {
  const stage::Outcome outcome = Decide("never asked", "Too short.");
  EXPECT_FALSE(std::get<stage::Reject>(outcome).rejection.reason().empty());
  EXPECT_TRUE(model_->bodies().empty());
}

TEST_F(ModelFilterStageTest, AVerdictIsNeverGuessed) {
  for (const char* reply : {R"({"reason": "r", "informative": true, "self_contained": true})",
                            R"({"reason": "r", "informative": "yes", "self_contained": true, "deep": true})"}) {
    const stage::Outcome outcome = Decide(reply);
    const auto& fault = std::get<stage::Fault>(outcome);
    EXPECT_EQ(fault.of, stage::Fault::Of::kItem);
    EXPECT_EQ(ErrorReason(fault.status), "SCHEMA_MISMATCH");
    EXPECT_EQ(fault.reply.text(), reply);
    EXPECT_EQ(model_->bodies().size(), 2u) << "asked once more";
  }
}

}  // namespace
}  // namespace quern::filter

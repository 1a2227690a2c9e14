// What the generator stage asks a model, and makes of its replies.
#include "services/generator/model_generator_stage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "common/base/error.h"
#include "tests/support/models.h"

namespace quern::generator {
namespace {

using ::quern::testing::JobAsking;
using ::quern::testing::ScriptedModel;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kGood[] =
    R"({"question": "What  is the capital\nof Australia?", "answer": " Canberra ", "quote": "Canberra is the capital"})";

class ModelGeneratorStageTest : public ::testing::Test {
 protected:
  stage::Outcome Decide(std::vector<std::string> replies, uint32_t ordinal = 0, std::string persona = "a teacher") {
    model_ = std::make_unique<ScriptedModel>([replies, next = size_t{0}](const std::string&) mutable {
      return replies.at(std::min(next++, replies.size() - 1));
    });
    v1::JobSpec job = JobAsking({model_->base_url()});
    job.mutable_generator()->MergeFrom(spec_);
    auto stage = ModelGeneratorStage::Make(job, &hub_);
    if (!stage.ok()) throw std::runtime_error(stage.status().ToString());
    auto document = std::make_shared<v1::Document>();
    document->set_id("d");
    document->set_text("See: Canberra is the capital of Australia.");
    v1::WorkItem item;
    item.set_document_id("d");
    item.set_domain("Math");
    item.set_ordinal(ordinal);
    item.mutable_persona()->set_description(std::move(persona));
    return testing::RunOne((*stage)->Process(stage::StageInput(document, item)));
  }

  v1::GeneratorSpec spec_;
  llm::Hub hub_{nullptr, nullptr};
  std::unique_ptr<ScriptedModel> model_;
};

TEST_F(ModelGeneratorStageTest, MakesAPairWithItsPlaceInTheDocument) {
  const stage::Outcome outcome = Decide({kGood});
  const v1::WorkItem& item = std::get<stage::Advance>(outcome).outputs.at(0);
  EXPECT_EQ(item.question_answer().question(), "What is the capital of Australia?");
  EXPECT_EQ(item.question_answer().answer(), "Canberra");
  EXPECT_EQ(item.question_answer().evidence_span().begin(), 5u);
  EXPECT_EQ(item.question_answer().evidence_span().end(), 28u);
  ASSERT_EQ(item.trace_size(), 1);
  EXPECT_EQ(item.trace(0).stage(), v1::STAGE_NAME_GENERATOR);
  EXPECT_EQ(item.trace(0).output_tokens(), 5u);
}

TEST_F(ModelGeneratorStageTest, AQuoteThatTheDocumentDoesNotHoldHasNoPlace) {
  const stage::Outcome outcome = Decide({R"({"question": "Q?", "answer": "A", "quote": "Sydney is the capital"})"});
  EXPECT_FALSE(std::get<stage::Advance>(outcome).outputs.at(0).question_answer().has_evidence_span());
}

TEST_F(ModelGeneratorStageTest, PersonasOfADocumentShareAllOfThePromptButItsEnd) {
  Decide({kGood}, 0, "a teacher");
  const std::string first = model_->prompts().at(0);
  Decide({kGood}, 1, "a diplomat\n\nwho lies");
  const std::string second = model_->prompts().at(0);
  EXPECT_THAT(first, EndsWith("Persona: a teacher\n"));
  EXPECT_THAT(second, EndsWith("Persona: a diplomat who lies\n")) << "a persona is one line";
  EXPECT_EQ(first.substr(0, first.rfind("Persona: ")), second.substr(0, second.rfind("Persona: ")));
  EXPECT_THAT(first, HasSubstr("Canberra is the capital of Australia."));
  EXPECT_THAT(first, HasSubstr("Examples, from other documents:"));
  EXPECT_THAT(first, HasSubstr("at most 8 words"));
  EXPECT_THAT(first, Not(HasSubstr("question of yes or no")));
}

TEST_F(ModelGeneratorStageTest, EachOfAPersonasQuestionsIsAskedForByItsNumber) {
  Decide({kGood});
  EXPECT_THAT(model_->prompts().at(0), Not(HasSubstr("Write number")));
  spec_.set_questions_per_persona(3);
  Decide({kGood}, 3);
  EXPECT_THAT(model_->prompts().at(0), HasSubstr("asks 3 questions about different facts"));
  EXPECT_THAT(model_->prompts().at(0), HasSubstr("Write number 1.\n"));
  const std::string first = model_->bodies().at(0);
  Decide({kGood}, 5);
  EXPECT_THAT(model_->prompts().at(0), HasSubstr("Write number 3.\n"));
  EXPECT_NE(nlohmann::json::parse(model_->bodies().at(0))["seed"], nlohmann::json::parse(first)["seed"]);
}

TEST_F(ModelGeneratorStageTest, ShowsAsManyExamplesAsTheJobWants) {
  spec_.set_fewshots(0);
  Decide({kGood});
  EXPECT_THAT(model_->prompts().at(0), Not(HasSubstr("Examples")));
  spec_.set_fewshots(3);
  Decide({kGood});
  size_t examples = 0;
  const std::string prompt = model_->prompts().at(0);
  for (size_t at = prompt.find("\nDocument: "); at != std::string::npos; at = prompt.find("\nDocument: ", at + 1)) {
    ++examples;
  }
  EXPECT_EQ(examples, 3u);
}

TEST_F(ModelGeneratorStageTest, NothingToAskIsARejection) {
  const stage::Outcome outcome = Decide({R"({"question": "", "answer": " ", "quote": ""})"});
  const auto& reject = std::get<stage::Reject>(outcome);
  EXPECT_EQ(reject.rejection.reason(), "NO_QUESTION");
  EXPECT_EQ(reject.rejection.stage(), v1::STAGE_NAME_GENERATOR);
  EXPECT_EQ(reject.item.trace_size(), 1);
  EXPECT_EQ(model_->bodies().size(), 1u);
}

TEST_F(ModelGeneratorStageTest, HalfAPairIsAskedAgain) {
  const stage::Outcome outcome = Decide({R"({"question": "Q?", "answer": "", "quote": ""})", kGood});
  const v1::WorkItem& item = std::get<stage::Advance>(outcome).outputs.at(0);
  EXPECT_EQ(item.question_answer().answer(), "Canberra");
  EXPECT_EQ(item.trace(0).calls(), 2u);
  const stage::Outcome twice = Decide({R"({"question": "Q?", "answer": "", "quote": ""})"});
  EXPECT_EQ(ErrorReason(std::get<stage::Fault>(twice).status), "SCHEMA_MISMATCH");
  EXPECT_EQ(std::get<stage::Fault>(twice).reply.task(), "question");
}

TEST_F(ModelGeneratorStageTest, YesAndNoAreRefusedWhereTheJobWantsNone) {
  spec_.set_max_boolean_share(0);
  for (const char* answer : {"yes", "No.", "TRUE", "false!"}) {
    const stage::Outcome outcome =
        Decide({std::string(R"({"question": "Is it?", "answer": ")") + answer + R"(", "quote": ""})"});
    EXPECT_EQ(std::get<stage::Reject>(outcome).rejection.reason(), "BOOLEAN_ANSWER") << answer;
    EXPECT_THAT(model_->prompts().at(0), HasSubstr("It is not a question of yes or no."));
  }
  EXPECT_TRUE(std::holds_alternative<stage::Advance>(Decide({kGood})));
  const stage::Outcome norway = Decide({R"({"question": "Where?", "answer": "Norway", "quote": ""})"});
  EXPECT_TRUE(std::holds_alternative<stage::Advance>(norway));
}

TEST_F(ModelGeneratorStageTest, YesAndNoAreMarkedWhereTheyAreWanted) {
  const stage::Outcome outcome = Decide({R"({"question": "Is it?", "answer": "Yes", "quote": ""})"});
  EXPECT_EQ(std::get<stage::Advance>(outcome).outputs.at(0).question_answer().answer_type(), v1::ANSWER_TYPE_BOOLEAN);
}

TEST_F(ModelGeneratorStageTest, AShareOfTheItemsMayBeYesOrNo) {
  spec_.set_max_boolean_share(0.3);
  int allowed = 0;
  for (uint32_t ordinal = 0; ordinal < 100; ++ordinal) {
    const stage::Outcome outcome = Decide({R"({"question": "Is it?", "answer": "yes", "quote": ""})"}, ordinal);
    const bool advanced = std::holds_alternative<stage::Advance>(outcome);
    allowed += advanced ? 1 : 0;
    EXPECT_EQ(model_->prompts().at(0).find("question of yes or no") == std::string::npos, advanced)
        << "a model is told before it is held to it";
  }
  EXPECT_NEAR(allowed, 30, 15);
}

TEST(ModelGeneratorSpecTest, TellsWhatIsWrongWithTheJob) {
  v1::JobSpec job = JobAsking({"http://127.0.0.1:1/v1"});
  EXPECT_TRUE(ModelGeneratorStage::Make(job, nullptr).ok());
  job.mutable_generator()->set_fewshot_lines("{}");
  EXPECT_EQ(ErrorReason(ModelGeneratorStage::Make(job, nullptr).status()), "INVALID_SPEC");
  job.mutable_generator()->clear_fewshot_lines();
  job.mutable_generator()->mutable_llm()->set_prompt("Ask for {{persna}}");
  const absl::Status status = ModelGeneratorStage::Make(job, nullptr).status();
  EXPECT_THAT(std::string(status.message()), HasSubstr("generator.llm: prompt: {{persna}} is unknown here"));
}

}  // namespace
}  // namespace quern::generator

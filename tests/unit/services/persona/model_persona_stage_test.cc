// What the persona stage makes of a model's replies.
#include "services/persona/model_persona_stage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "common/base/error.h"
#include "tests/support/models.h"

namespace quern::persona {
namespace {

using ::quern::testing::JobAsking;
using ::quern::testing::ScriptedModel;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ModelPersonaStageTest : public ::testing::Test {
 protected:
  // The outcome for a document when the model gives these replies, one after the other.
  stage::Outcome Decide(std::vector<std::string> replies) {
    model_ = std::make_unique<ScriptedModel>([replies, next = size_t{0}](const std::string&) mutable {
      return replies.at(std::min(next++, replies.size() - 1));
    });
    v1::JobSpec job = JobAsking({model_->base_url()});
    job.mutable_persona()->set_max_personas(3);
    for (const std::string& domain : domains_) job.mutable_persona()->add_domains(domain);
    auto stage = ModelPersonaStage::Make(job, &hub_);
    if (!stage.ok()) throw std::runtime_error(stage.status().ToString());
    auto document = std::make_shared<v1::Document>();
    document->set_id("d");
    document->set_text("Bees fly.");
    v1::WorkItem item;
    item.set_document_id("d");
    return testing::RunOne((*stage)->Process(stage::StageInput(document, item)));
  }

  static std::vector<std::string> Personas(const stage::Outcome& outcome) {
    std::vector<std::string> personas;
    for (const v1::WorkItem& item : std::get<stage::Advance>(outcome).outputs) {
      EXPECT_EQ(item.ordinal(), personas.size());
      EXPECT_TRUE(item.expanded());
      personas.push_back(item.persona().description());
    }
    return personas;
  }

  std::vector<std::string> domains_;
  llm::Hub hub_{nullptr, nullptr};
  std::unique_ptr<ScriptedModel> model_;
};

TEST_F(ModelPersonaStageTest, MakesAnItemForEachPersonaWithDomainAndCosts) {
  const stage::Outcome outcome = Decide({R"({"domain": "Math", "personas": ["a teacher", "a builder"]})"});
  EXPECT_THAT(Personas(outcome), ElementsAre("a teacher", "a builder"));
  for (const v1::WorkItem& item : std::get<stage::Advance>(outcome).outputs) {
    EXPECT_EQ(item.domain(), "Math");
    ASSERT_EQ(item.trace_size(), 1);
    EXPECT_EQ(item.trace(0).stage(), v1::STAGE_NAME_PERSONA);
    EXPECT_EQ(item.trace(0).model(), "m");
    EXPECT_EQ(item.trace(0).calls(), 1u);
    EXPECT_EQ(item.trace(0).input_tokens(), 10u);
    EXPECT_EQ(item.trace(0).version().rfind("personas/", 0), 0u);
  }
  EXPECT_THAT(model_->prompts().at(0), HasSubstr("Bees fly."));
  EXPECT_THAT(model_->prompts().at(0), HasSubstr("Math; "));
  EXPECT_THAT(model_->prompts().at(0), HasSubstr("up to 3 readers"));
}

TEST_F(ModelPersonaStageTest, PersonasThatSayTheSameAreOne) {
  EXPECT_THAT(Personas(Decide({R"({"domain": "Math", "personas": ["a teacher", " A  Teacher\n", "", "a builder"]})"})),
              ElementsAre("a teacher", "a builder"));
}

TEST_F(ModelPersonaStageTest, TakesNoMoreThanTheJobWantsAndNoneOfExcessiveLength) {
  const std::string longest(501, 'x');
  EXPECT_THAT(Personas(Decide({R"({"domain": "Math", "personas": [")" + longest + R"(", "a", "b", "c", "d"]})"})),
              ElementsAre("a", "b", "c"));
}

TEST_F(ModelPersonaStageTest, SpellsTheDomainAsTheTaxonomyDoes) {
  domains_ = {"Bee Keeping", "Other"};
  const stage::Outcome outcome = Decide({R"({"domain": " bee  keeping", "personas": ["a"]})"});
  EXPECT_EQ(std::get<stage::Advance>(outcome).outputs.at(0).domain(), "Bee Keeping");
}

TEST_F(ModelPersonaStageTest, AnUnknownDomainIsAskedAgainWithTheTaxonomy) {
  domains_ = {"Bees", "Other"};
  const stage::Outcome outcome =
      Decide({R"({"domain": "Insects", "personas": ["a"]})", R"({"domain": "Bees", "personas": ["b"]})"});
  EXPECT_THAT(Personas(outcome), ElementsAre("b")) << "nothing of the first reply stays";
  const auto messages = nlohmann::json::parse(model_->bodies().at(1))["messages"];
  EXPECT_THAT(messages.back()["content"].get<std::string>(), HasSubstr("must be one of: Bees; Other"));
}

TEST_F(ModelPersonaStageTest, WrongRepliesAreTheItemsFaultAndAreKept) {
  for (const char* reply :
       {R"({"domain": "Insects", "personas": ["a"]})", R"({"domain": "Math"})", R"({"personas": ["a"]})",
        R"({"domain": "Math", "personas": "a"})", R"({"domain": "Math", "personas": ["a", 1]})"}) {
    const stage::Outcome outcome = Decide({reply});
    const auto& fault = std::get<stage::Fault>(outcome);
    EXPECT_EQ(fault.of, stage::Fault::Of::kItem);
    EXPECT_EQ(ErrorReason(fault.status), "SCHEMA_MISMATCH") << reply;
    EXPECT_EQ(fault.reply.text(), reply);
    EXPECT_EQ(fault.reply.task(), "personas");
  }
}

TEST_F(ModelPersonaStageTest, NobodyWhoAsksIsARejection) {
  const stage::Outcome outcome = Decide({R"({"domain": "Math", "personas": []})"});
  const auto& reject = std::get<stage::Reject>(outcome);
  EXPECT_EQ(reject.rejection.reason(), "NO_PERSONA");
  EXPECT_EQ(reject.rejection.stage(), v1::STAGE_NAME_PERSONA);
  EXPECT_EQ(reject.rejection.reply().task(), "personas");
  EXPECT_EQ(reject.item.domain(), "Math");
  EXPECT_EQ(reject.item.trace_size(), 1);
}

TEST(ModelPersonaSpecTest, TellsWhatIsWrongWithTheJob) {
  v1::JobSpec job = JobAsking({"http://127.0.0.1:1/v1"});
  job.mutable_persona()->add_domains("Math");
  job.mutable_persona()->add_domains("math");
  EXPECT_EQ(ErrorReason(ModelPersonaStage::Make(job, nullptr).status()), "INVALID_SPEC");
  job.mutable_persona()->clear_domains();
  EXPECT_TRUE(ModelPersonaStage::Make(job, nullptr).ok());
  job.mutable_persona()->mutable_llm()->set_prompt("Who would ask?");
  const absl::Status status = ModelPersonaStage::Make(job, nullptr).status();
  EXPECT_EQ(ErrorReason(status), "INVALID_SPEC");
  EXPECT_THAT(std::string(status.message()), HasSubstr("persona.llm: prompt: {{domains}} must stand in it"));
}

}  // namespace
}  // namespace quern::persona

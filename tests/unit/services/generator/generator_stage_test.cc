#include "services/generator/generator_stage.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "common/base/error.h"

namespace quern::generator {
namespace {

stage::StageInput Input(uint32_t ordinal) {
  auto document = std::make_shared<v1::Document>();
  document->set_id("d");
  document->set_text("Apollo 11 was launched on 16 July 1969. Canberra is the capital of Australia.");
  v1::WorkItem item;
  item.set_document_id("d");
  item.set_ordinal(ordinal);
  return stage::StageInput(document, item);
}

stage::Outcome Decide(stage::Stage& stage, uint32_t ordinal) {
  boost::asio::io_context context;
  auto outcome = boost::asio::co_spawn(context, stage.Process(Input(ordinal)), boost::asio::use_future);
  context.run();
  return outcome.get();
}

TEST(GeneratorStageTest, OrdinalsAskDifferentFacts) {
  auto stage = MakeGeneratorStage(v1::JobSpec());
  ASSERT_TRUE(stage.ok());
  const stage::Outcome first = Decide(**stage, 0);
  const stage::Outcome second = Decide(**stage, 1);
  const v1::WorkItem& a = std::get<stage::Advance>(first).outputs.at(0);
  const v1::WorkItem& b = std::get<stage::Advance>(second).outputs.at(0);
  EXPECT_NE(a.question_answer().question(), b.question_answer().question());
  EXPECT_NE(a.question_answer().answer(), b.question_answer().answer());
  ASSERT_EQ(a.trace_size(), 1);
  EXPECT_EQ(a.trace(0).stage(), v1::STAGE_NAME_GENERATOR);
  EXPECT_FALSE(a.trace(0).version().empty());
}

TEST(GeneratorStageTest, ItemsThatRunApartGetTheSameFact) {
  auto one = MakeGeneratorStage(v1::JobSpec());
  auto two = MakeGeneratorStage(v1::JobSpec());
  Decide(**one, 0);
  EXPECT_EQ(std::get<stage::Advance>(Decide(**one, 1)).outputs[0].SerializeAsString(),
            std::get<stage::Advance>(Decide(**two, 1)).outputs[0].SerializeAsString());
}

TEST(GeneratorStageTest, NoFactIsARejection) {
  auto stage = MakeGeneratorStage(v1::JobSpec());
  const stage::Outcome outcome = Decide(**stage, 7);
  const auto& reject = std::get<stage::Reject>(outcome);
  EXPECT_EQ(reject.rejection.reason(), "NO_FACT");
  EXPECT_EQ(reject.rejection.stage(), v1::STAGE_NAME_GENERATOR);
  EXPECT_EQ(reject.item.trace_size(), 1);
}

TEST(GeneratorStageTest, RefusesWhatItDoesNotHave) {
  v1::JobSpec spec;
  spec.mutable_generator()->set_engine(v1::ENGINE_EXTRACTIVE);
  EXPECT_TRUE(MakeGeneratorStage(spec).ok());
  spec.mutable_generator()->add_rules("no_such_rule");
  EXPECT_EQ(ErrorReason(MakeGeneratorStage(spec).status()), "INVALID_SPEC");
  spec.mutable_generator()->clear_rules();
  spec.mutable_generator()->set_max_answer_words(0);
  EXPECT_EQ(ErrorReason(MakeGeneratorStage(spec).status()), "INVALID_SPEC");
}

}  // namespace
}  // namespace quern::generator

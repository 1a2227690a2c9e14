#include "services/filter/filter_stage.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <memory>
#include <string>

#include "common/base/error.h"
#include "services/filter/heuristics.h"
#include "tests/unit/services/filter/prose.h"

namespace quern::filter {
namespace {

stage::Outcome Judge(stage::Stage& stage, const std::string& text) {
  auto document = std::make_shared<v1::Document>();
  document->set_id("d");
  document->set_text(text);
  v1::WorkItem item;
  item.set_document_id("d");
  stage::StageInput input(std::move(document), std::move(item));
  boost::asio::io_context io;
  auto outcome = boost::asio::co_spawn(io, stage.Process(std::move(input)), boost::asio::use_future);
  io.run();
  return outcome.get();
}

TEST(FilterStageTest, AKeptItemCarriesVerdictAndTrace) {
  const auto stage = MakeFilterStage({});
  ASSERT_TRUE(stage.ok());
  const stage::Outcome outcome = Judge(**stage, Article());
  const auto* advance = std::get_if<stage::Advance>(&outcome);
  ASSERT_NE(advance, nullptr);
  ASSERT_EQ(advance->outputs.size(), 1u);
  const v1::WorkItem& item = advance->outputs[0];
  EXPECT_EQ(item.document_id(), "d");
  EXPECT_EQ(item.filter().language(), "en");
  ASSERT_EQ(item.trace_size(), 1);
  EXPECT_EQ(item.trace(0).stage(), v1::STAGE_NAME_FILTER);
  EXPECT_EQ(item.trace(0).engine(), v1::ENGINE_EXTRACTIVE);
  EXPECT_EQ(item.trace(0).version(), kRulesVersion);
}

TEST(FilterStageTest, ARejectedItemCarriesItsTraceToo) {
  const auto stage = MakeFilterStage({});
  ASSERT_TRUE(stage.ok());
  const stage::Outcome outcome = Judge(**stage, "Too short.");
  const auto* reject = std::get_if<stage::Reject>(&outcome);
  ASSERT_NE(reject, nullptr);
  EXPECT_EQ(reject->rejection.reason(), "TOO_FEW_TOKENS");
  EXPECT_EQ(reject->item.trace_size(), 1);
  EXPECT_FALSE(reject->item.has_filter());
}

TEST(FilterStageTest, TheSpecsThresholdsDecide) {
  v1::JobSpec spec;
  spec.mutable_filter()->set_min_tokens(5000);
  const auto stage = MakeFilterStage(spec);
  ASSERT_TRUE(stage.ok());
  EXPECT_TRUE(std::holds_alternative<stage::Reject>(Judge(**stage, Article())));
}

TEST(FilterStageTest, RefusesAnInvalidSpec) {
  v1::JobSpec spec;
  spec.mutable_filter()->mutable_language()->set_min_score(65);
  const absl::Status status = MakeFilterStage(spec).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ErrorReason(status), "INVALID_SPEC");
}

}  // namespace
}  // namespace quern::filter

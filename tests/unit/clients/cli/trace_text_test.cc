#include "clients/cli/trace_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quern::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// 2026-11-28 12:00:00 UTC.
constexpr int64_t kNoon = 1'795'867'200'000;

v1::StageTrace* AddStage(v1::StageName name, int64_t began_ms, v1::TracedItem* item) {
  v1::StageTrace* const stage = item->add_stages();
  stage->set_stage(name);
  stage->set_engine(v1::ENGINE_LLM);
  stage->set_model("small");
  stage->set_version("v/1");
  stage->set_started_ms(began_ms);
  stage->set_ended_ms(began_ms + 1500);
  stage->set_calls(1);
  stage->set_input_tokens(1200);
  stage->set_output_tokens(30);
  stage->set_cost(0.00264);
  return stage;
}

v1::TraceDocumentResponse TwoItems() {
  v1::TraceDocumentResponse trace;
  trace.set_trace_id("4bf92f3577b34da6a3ce929d0e0e4736");
  trace.set_document_id("d");
  trace.set_source("corpus.jsonl");
  for (int i = 0; i < 2; ++i) {
    v1::TracedItem* const item = trace.add_items();
    item->set_id("d#" + std::to_string(i));
    item->set_domain("Math");
    item->mutable_persona()->set_description(i == 0 ? "a pupil" : "a teacher");
    item->set_question("What is 2 + 2?");
    item->set_answer("4");
    AddStage(v1::STAGE_NAME_FILTER, kNoon, item);
    AddStage(v1::STAGE_NAME_GENERATOR, kNoon + 5000, item)->set_attempts(1);
    v1::FailedAttempt* const failed = item->add_failed_attempts();
    failed->set_stage(v1::STAGE_NAME_GENERATOR);
    failed->set_reason("MALFORMED_REPLY");
    failed->set_started_ms(kNoon + 2000);
    failed->set_ended_ms(kNoon + 2250);
    failed->set_calls(2);
    failed->set_input_tokens(2400);
    item->set_outcome("record");
    item->set_stage(v1::STAGE_NAME_VERIFIER);
    item->mutable_created_at()->set_seconds(kNoon / 1000 + 60);
  }
  return trace;
}

TEST(TraceTextTest, ReadsAsATimelineWithWhatIsSharedOnce) {
  const std::string text = TraceText(TwoItems());
  EXPECT_EQ(text.substr(0, text.find("\nd#1\n")),
            R"(trace      4bf92f3577b34da6a3ce929d0e0e4736
document   d
source     corpus.jsonl

filter     2026-11-28 12:00:00.000    1.500s  small (v/1), 1 call, 1,200 tokens in (0 cached), 30 out, cost 0.002640
domain     Math

d#0
  persona    a pupil
  generator  2026-11-28 12:00:02.000    0.250s  FAILED MALFORMED_REPLY, 2 calls, 2,400 tokens in (0 cached), 0 out
  generator  2026-11-28 12:00:05.000    1.500s  small (v/1), 1 call, 1,200 tokens in (0 cached), 30 out, cost 0.002640, after 1 failed attempt
  question   What is 2 + 2?
  answer     4
  = record; written 2026-11-28 12:01:00.000
)");
  EXPECT_EQ(text.find("filter"), text.rfind("filter")) << "both items share it";
  EXPECT_THAT(text, HasSubstr("a teacher"));
}

TEST(TraceTextTest, TellsWhyADocumentWasRejected) {
  v1::TraceDocumentResponse trace;
  trace.set_document_id("d");
  v1::TracedItem* const item = trace.add_items();
  item->set_id("d");
  item->set_outcome("rejected");
  item->set_stage(v1::STAGE_NAME_FILTER);
  item->set_reason("GOPHER_WORD_COUNT");
  item->set_message("too few words");
  v1::StageTrace* const stage = item->add_stages();
  stage->set_stage(v1::STAGE_NAME_FILTER);
  stage->set_engine(v1::ENGINE_EXTRACTIVE);
  const std::string text = TraceText(trace);
  EXPECT_THAT(text, HasSubstr("rules"));
  EXPECT_THAT(text, HasSubstr("  = rejected, filter, GOPHER_WORD_COUNT: too few words\n"));
  EXPECT_THAT(text, Not(HasSubstr("1970"))) << "rows of earlier versions tell no times";
}

TEST(TraceTextTest, TellsWhatIsInFlight) {
  v1::TraceDocumentResponse trace;
  trace.set_document_id("d");
  v1::TracedItem* const item = trace.add_items();
  item->set_id("d");
  item->set_outcome("in_flight");
  item->set_stage(v1::STAGE_NAME_PERSONA);
  EXPECT_THAT(TraceText(trace), HasSubstr("  = in flight, persona: it waits for a worker\n"));
  item->set_worker("host-7-abc");
  item->set_attempts(1);
  item->set_deliveries(2);
  EXPECT_THAT(TraceText(trace), HasSubstr("in flight, persona: held by host-7-abc, 1 failed attempt so far, "));
  item->set_stage(v1::STAGE_NAME_UNSPECIFIED);
  item->set_message("it is a record, and waits to be written to the dataset");
  EXPECT_THAT(TraceText(trace), HasSubstr("  = in flight: it is a record, and waits"));
}

TEST(TraceTextTest, HostileTextIsMadeSafe) {
  v1::TraceDocumentResponse trace = TwoItems();
  trace.mutable_items(0)->set_question("\x1b[31mred\nline");
  trace.set_document_id("d");
  EXPECT_THAT(TraceText(trace), Not(HasSubstr("\x1b")));
  EXPECT_THAT(TraceText(trace), StartsWith("trace "));
}

}  // namespace
}  // namespace quern::cli

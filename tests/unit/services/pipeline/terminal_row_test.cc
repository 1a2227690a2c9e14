#include "services/pipeline/terminal_row.h"

#include <gtest/gtest.h>

#include "common/base/trace_context.h"
#include "common/base/version.h"

namespace quern::pipeline {
namespace {

const absl::Time kNow = absl::FromUnixMillis(1'700'000'000'123);

RowContext Context() { return {.job = "jobs/j", .spec_hash = "abc", .document_text = true}; }

v1::Document MakeDocument() {
  v1::Document document;
  document.set_id("doc");
  document.set_text("Water boils at 100 °C.");
  document.set_title("Water");
  document.set_source("in.jsonl");
  (*document.mutable_metadata()->mutable_fields())["license"].set_string_value("CC0");
  return document;
}

v1::WorkItem MakeItem() {
  v1::WorkItem item;
  item.set_document_id("doc");
  item.set_ordinal(2);
  item.set_expanded(true);
  item.set_generation(1);
  item.set_domain("Natural Science");
  item.mutable_persona()->set_id("science.pupil");
  item.mutable_filter()->set_language("en");
  item.mutable_question_answer()->set_question("At what temperature does water boil?");
  item.mutable_question_answer()->set_answer("100 °C");
  item.mutable_question_answer()->set_answer_type(v1::ANSWER_TYPE_QUANTITY);
  item.mutable_question_answer()->mutable_answer_span()->set_begin(15);
  item.mutable_question_answer()->mutable_answer_span()->set_end(22);
  item.mutable_question_answer()->set_rule("quantity");
  item.add_checks()->set_name("grounded");
  item.add_trace()->set_stage(v1::STAGE_NAME_FILTER);
  return item;
}

TEST(TerminalRowTest, KeyNamesDocumentOrItem) {
  v1::WorkItem item = MakeItem();
  EXPECT_EQ(KeyOf(item), "doc#2");
  item.set_expanded(false);
  EXPECT_EQ(KeyOf(item), "doc");
}

TEST(TerminalRowTest, RecordCarriesPairDocumentAndProvenance) {
  v1::Terminal terminal;
  *terminal.mutable_item() = MakeItem();
  const v1::Document document = MakeDocument();
  const Row row = MakeRow(Context(), &terminal, &document, kNow);
  const auto& record = std::get<v1::RecordRow>(row);
  EXPECT_EQ(record.id(), "doc#2");
  EXPECT_EQ(record.document_text(), document.text());
  EXPECT_EQ(record.document_title(), "Water");
  EXPECT_EQ(record.answer(), "100 °C");
  EXPECT_EQ(record.answer_span().end(), 22u);
  EXPECT_EQ(record.rule(), "quantity");
  EXPECT_EQ(record.checks_size(), 1);
  EXPECT_EQ(record.filter().language(), "en");
  EXPECT_EQ(record.metadata().fields().at("license").string_value(), "CC0");
  EXPECT_EQ(record.generation(), 1u);
  EXPECT_EQ(record.provenance().job(), "jobs/j");
  EXPECT_EQ(record.provenance().spec_hash(), "abc");
  EXPECT_EQ(record.provenance().source(), "in.jsonl");
  EXPECT_EQ(record.provenance().quern_version(), Version());
  EXPECT_EQ(record.provenance().stages_size(), 1);
  EXPECT_EQ(record.provenance().created_at().seconds(), 1'700'000'000);
  EXPECT_EQ(record.provenance().created_at().nanos(), 123'000'000);
  // What the commit counts by is left.
  EXPECT_EQ(KeyOf(terminal.item()), "doc#2");
  EXPECT_EQ(terminal.item().generation(), 1u);
  EXPECT_EQ(terminal.item().domain(), "Natural Science");
  EXPECT_EQ(terminal.end_case(), v1::Terminal::END_NOT_SET);
}

TEST(TerminalRowTest, RecordsAndRejectionsTellTheTraceAndWhatFailedBefore) {
  v1::Terminal terminal;
  *terminal.mutable_item() = MakeItem();
  terminal.mutable_item()->add_failed_attempts()->set_reason("MALFORMED_REPLY");
  v1::Document document = MakeDocument();
  const auto record = std::get<v1::RecordRow>(MakeRow(Context(), &terminal, &document, kNow)).provenance();
  EXPECT_EQ(record.trace_id(), DerivedTraceId("j", "doc"));
  ASSERT_EQ(record.failed_attempts_size(), 1);
  EXPECT_EQ(record.failed_attempts(0).reason(), "MALFORMED_REPLY");

  document.set_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  *terminal.mutable_item() = MakeItem();
  terminal.mutable_item()->add_failed_attempts()->set_reason("MALFORMED_REPLY");
  terminal.mutable_rejection()->set_reason("NOT_GROUNDED");
  const auto rejection = std::get<v1::RejectionRow>(MakeRow(Context(), &terminal, &document, kNow)).provenance();
  EXPECT_EQ(rejection.trace_id(), "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(rejection.stages_size(), 1);
  EXPECT_EQ(rejection.failed_attempts_size(), 1);
  EXPECT_EQ(rejection.created_at().seconds(), 1'700'000'000);
  // A rejected document that Redis has lost.
  EXPECT_EQ(std::get<v1::RejectionRow>(MakeRow(Context(), &terminal, nullptr, kNow)).provenance().trace_id(),
            DerivedTraceId("j", "doc"));
}

TEST(TerminalRowTest, ADeadLetterKeepsTheTraceAndTheHistoryForARedrive) {
  v1::Terminal terminal;
  *terminal.mutable_item() = MakeItem();
  terminal.mutable_item()->add_failed_attempts()->set_reason("MALFORMED_REPLY");
  terminal.mutable_death()->set_reason("MALFORMED_REPLY");
  v1::Document document = MakeDocument();
  document.set_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  const auto letter = std::get<v1::DeadLetterRow>(MakeRow(Context(), &terminal, &document, kNow));
  EXPECT_EQ(letter.document().traceparent(), document.traceparent());
  EXPECT_EQ(letter.item().failed_attempts_size(), 1);
}

TEST(TerminalRowTest, DocumentTextIsLeftOutOnRequest) {
  v1::Terminal terminal;
  *terminal.mutable_item() = MakeItem();
  const v1::Document document = MakeDocument();
  RowContext context = Context();
  context.document_text = false;
  EXPECT_EQ(std::get<v1::RecordRow>(MakeRow(context, &terminal, &document, kNow)).document_text(), "");
}

TEST(TerminalRowTest, RejectionTellsRuleValueAndThreshold) {
  v1::Terminal terminal;
  *terminal.mutable_item() = MakeItem();
  terminal.mutable_rejection()->set_stage(v1::STAGE_NAME_VERIFIER);
  terminal.mutable_rejection()->set_reason("ANSWER_LEAKED");
  terminal.mutable_rejection()->set_value(0);
  const v1::Document document = MakeDocument();
  const Row row = MakeRow(Context(), &terminal, &document, kNow);
  const auto& rejection = std::get<v1::RejectionRow>(row);
  EXPECT_EQ(rejection.id(), "doc#2");
  EXPECT_EQ(rejection.reason(), "ANSWER_LEAKED");
  EXPECT_TRUE(rejection.has_value());  // zero was measured
  EXPECT_FALSE(rejection.has_threshold());
  EXPECT_EQ(rejection.question(), "At what temperature does water boil?");
  EXPECT_EQ(rejection.source(), "in.jsonl");
}

TEST(TerminalRowTest, DeadLetterHoldsAllThatARedriveNeeds) {
  v1::Terminal terminal;
  *terminal.mutable_item() = MakeItem();
  terminal.mutable_death()->set_stage(v1::STAGE_NAME_GENERATOR);
  terminal.mutable_death()->set_reason("POISON");
  terminal.mutable_death()->set_deliveries(5);
  const v1::Document document = MakeDocument();
  const Row row = MakeRow(Context(), &terminal, &document, kNow);
  const auto& letter = std::get<v1::DeadLetterRow>(row);
  EXPECT_EQ(letter.id(), "doc#2");
  EXPECT_TRUE(letter.redrivable());
  EXPECT_EQ(letter.document().text(), document.text());
  EXPECT_EQ(letter.item().ordinal(), 2u);
  EXPECT_EQ(letter.deliveries(), 5u);
  EXPECT_EQ(letter.generation(), 1u);
}

TEST(TerminalRowTest, UnreadableInputHasAPlaceAndNothingToRedrive) {
  v1::Terminal terminal;
  terminal.mutable_item()->set_document_id("line:0123");
  terminal.mutable_death()->set_unreadable(true);
  terminal.mutable_death()->set_source("in.jsonl");
  terminal.mutable_death()->set_position(7);
  terminal.mutable_death()->set_reason("INVALID_JSON");
  const auto letter = std::get<v1::DeadLetterRow>(MakeRow(Context(), &terminal, nullptr, kNow));
  EXPECT_EQ(letter.id(), "line:0123");
  EXPECT_EQ(letter.document_id(), "");
  EXPECT_FALSE(letter.redrivable());
  EXPECT_FALSE(letter.has_document());
  EXPECT_FALSE(letter.has_item());
  EXPECT_EQ(letter.source(), "in.jsonl");
  EXPECT_EQ(letter.position(), 7u);
}

TEST(TerminalRowTest, CancelledTerminalsMakeNoRow) {
  v1::Terminal terminal;
  *terminal.mutable_item() = MakeItem();
  terminal.set_cancelled(true);
  EXPECT_TRUE(std::holds_alternative<std::monostate>(MakeRow(Context(), &terminal, nullptr, kNow)));
}

}  // namespace
}  // namespace quern::pipeline

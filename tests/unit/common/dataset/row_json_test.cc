#include "common/dataset/row_json.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <limits>

#include "common/base/error.h"
#include "quern/v1/record.pb.h"

namespace quern::dataset {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string Json(const google::protobuf::Message& row) {
  std::string json;
  AppendRowJson(row, &json);
  return json;
}

absl::Status Parse(std::string json, google::protobuf::Message* row) {
  const size_t size = json.size();
  json.append(64, '\0');
  return ParseRowJson(std::string_view(json.data(), size), row);
}

v1::RecordRow FullRecord() {
  v1::RecordRow row;
  row.set_id("d#0");
  row.set_document_text("line\nquote\" back\\slash \x01 caf\xc3\xa9 \xf0\x9f\x98\x80");
  row.mutable_persona()->set_description("a nurse");
  row.set_answer_type(v1::ANSWER_TYPE_DATE);
  row.mutable_answer_span()->set_begin(3);
  row.mutable_answer_span()->set_end(std::numeric_limits<uint64_t>::max());
  auto* check = row.add_checks();
  check->set_name("grounded");
  check->set_passed(true);
  row.mutable_filter()->set_language_score(0.1);
  auto& metadata = *row.mutable_metadata()->mutable_fields();
  metadata["b"].set_number_value(2.5);
  metadata["a"].mutable_list_value()->add_values()->set_null_value(google::protobuf::NULL_VALUE);
  metadata["c"].mutable_struct_value();
  auto* trace = row.mutable_provenance()->add_stages();
  trace->set_stage(v1::STAGE_NAME_FILTER);
  trace->set_engine(v1::ENGINE_EXTRACTIVE);
  row.mutable_provenance()->mutable_created_at()->set_seconds(1'700'000'000);
  row.mutable_provenance()->mutable_created_at()->set_nanos(5'000'000);
  trace->set_started_ms(1'700'000'000'001);
  auto* failed = row.mutable_provenance()->add_failed_attempts();
  failed->set_stage(v1::STAGE_NAME_FILTER);
  failed->set_reason("HTTP_500");
  failed->set_cost(0.25);
  return row;
}

TEST(RowJsonTest, RowsComeBackTheSame) {
  const auto row = FullRecord();
  v1::RecordRow read;
  ASSERT_TRUE(Parse(Json(row), &read).ok());
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(row, read)) << Json(read);
  v1::DeadLetterRow dead;
  dead.mutable_document()->set_text("t");
  dead.mutable_item()->mutable_persona()->set_id("p");
  dead.set_redrivable(true);
  v1::DeadLetterRow dead_read;
  ASSERT_TRUE(Parse(Json(dead), &dead_read).ok());
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(dead, dead_read));
}

// The form is a promise to those who read datasets.
TEST(RowJsonTest, FormIsFrozen) {
  const std::string json = Json(FullRecord());
  EXPECT_THAT(json, HasSubstr(R"("document_text":"line\nquote\" back\\slash \u0001 caf)"));
  EXPECT_THAT(json, HasSubstr(R"("answer_type":"date","answer_span":{"begin":3,"end":18446744073709551615})"));
  EXPECT_THAT(json, HasSubstr(R"("evidence_span":null)"));
  EXPECT_THAT(json, HasSubstr(R"("language_score":0.1)"));
  EXPECT_THAT(json, HasSubstr(R"("metadata":{"a":[null],"b":2.5,"c":{}})"));
  EXPECT_THAT(json, HasSubstr(R"("stage":"filter","engine":"extractive","model":"")"));
  EXPECT_THAT(json, HasSubstr(R"("created_at":"2023-11-14T22:13:20.005Z")"));
  EXPECT_THAT(json, HasSubstr(R"("started_ms":1700000000001,"ended_ms":0,"attempts":0,"deliveries":0})"));
  EXPECT_THAT(
      json,
      HasSubstr(
          R"("failed_attempts":"[{\"stage\":\"filter\",\"started_ms\":0,\"ended_ms\":0,\"reason\":\"HTTP_500\")"));
  EXPECT_THAT(json, Not(HasSubstr("\n")));
  v1::RejectionRow rejection;
  EXPECT_EQ(
      Json(rejection),
      R"({"id":"","document_id":"","stage":"","reason":"","value":null,"threshold":null,"message":"","domain":"",)"
      R"("persona":null,"question":"","answer":"","source":"","generation":0,"reply":null,)"
      R"("provenance":null})");
}

// What a row may be passed over by.
TEST(RowJsonTest, ALineBeginsWithTheRowsId) {
  for (const char* id : {"d", "d#0", "quote\"back\\slash", "caf\xc3\xa9 \x01"}) {
    v1::RecordRow record;
    record.set_id(std::string(id) + "#7");
    v1::RejectionRow rejection;
    rejection.set_id(id);
    v1::DeadLetterRow dead;
    dead.set_id(id);
    for (const std::string& json : {Json(record), Json(rejection), Json(dead)}) {
      EXPECT_THAT(json, StartsWith(RowBeginning(id)));
    }
  }
  v1::RecordRow other;
  other.set_id("e#0");
  EXPECT_THAT(Json(other), Not(StartsWith(RowBeginning("d"))));
}

TEST(RowJsonTest, UnknownFieldsAndValuesAreErrors) {
  v1::RejectionRow row;
  EXPECT_EQ(ErrorReason(Parse(R"({"nope":1})", &row)), "INVALID_ROW");
  EXPECT_EQ(ErrorReason(Parse(R"({"stage":"nope"})", &row)), "INVALID_ROW");
  EXPECT_EQ(ErrorReason(Parse(R"({"id":1})", &row)), "INVALID_ROW");
  EXPECT_EQ(ErrorReason(Parse(R"([])", &row)), "INVALID_ROW");
  EXPECT_EQ(ErrorReason(Parse(R"({"id":)", &row)), "INVALID_ROW");
}

}  // namespace
}  // namespace quern::dataset

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
  EXPECT_THAT(json, Not(HasSubstr("\n")));
  v1::RejectionRow rejection;
  EXPECT_EQ(
      Json(rejection),
      R"({"id":"","document_id":"","stage":"","reason":"","value":null,"threshold":null,"message":"","domain":"",)"
      R"("persona":null,"question":"","answer":"","source":"","generation":0,"reply":null})");
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

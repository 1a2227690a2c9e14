// Group B of the catalogue of bad input: JSON. Each test is a row of docs/bad-input.md.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/hash.h"
#include "tests/unit/common/dataset/read_source.h"
#include "tests/unit/common/dataset/temporary_folder.h"

namespace quern::dataset {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class BadJsonTest : public testing::Test {
 protected:
  SourceContent Read(std::string_view lines, const v1::InputSpec& spec = {}) {
    return ReadFile(folder_.Write("a.jsonl", lines), spec);
  }
  // The outcome of one line, with a good one after it that must be read in any case.
  v1::IngestEntry One(std::string_view line, const v1::InputSpec& spec = {}) {
    const auto content = Read(std::string(line) + "\n{\"text\":\"next\"}\n", spec);
    EXPECT_EQ(content.full.size(), 2u) << line;
    EXPECT_EQ(content.entries.back(), "2:next") << line;
    return content.full.at(0);
  }
  std::string Reason(std::string_view line, const v1::InputSpec& spec = {}) {
    return One(line, spec).unreadable().reason();
  }
  google::protobuf::Value Metadata(std::string_view json) {
    return One("{\"text\":\"t\",\"m\":" + std::string(json) + "}").document().metadata().fields().at("m");
  }
  TemporaryFolder folder_;
};

TEST_F(BadJsonTest, IllFormedLinesTellWhere) {
  const auto entry = One("{\"text\": \"a\" \"id\": 1}");
  EXPECT_EQ(entry.unreadable().reason(), "INVALID_JSON");
  EXPECT_THAT(entry.unreadable().message(), HasSubstr("byte "));
  for (const auto* line : {"nonsense", "{", "{\"text\":\"a\"", "{\"text\":\"a\",}", "{\"text\":\"a\"} x",
                           "{\"text\":\"a\"}{\"text\":\"b\"}", "{text:\"a\"}", "{'text':'a'}", "{\"text\":\"a\tb\"}",
                           "{\"text\":\"\\x\"}", "{\"text\":\"a\",\"n\":01}", "{\"text\":\"a\",\"n\":NaN}",
                           "{\"text\":\"a\",\"n\":+1}", "{\"text\":\"a\",\"n\":.5}", "\"", "]"}) {
    EXPECT_EQ(Reason(line), "INVALID_JSON") << line;
  }
}

TEST_F(BadJsonTest, FaultsInUnreadFieldsCount) {
  EXPECT_EQ(Reason("{\"text\":\"a\",\"other\":tru}"), "INVALID_JSON");
  EXPECT_EQ(Reason("{\"text\":\"a\",\"other\":\"\xff\"}"), "INVALID_UTF8");
}

TEST_F(BadJsonTest, TopLevelMustBeAnObject) {
  for (const auto* line : {"[1]", "\"text\"", "12", "null", "true", "[{\"text\":\"a\"}]"}) {
    EXPECT_EQ(Reason(line), "NOT_AN_OBJECT") << line;
  }
}

TEST_F(BadJsonTest, NestingIsLimitedTo64) {
  const auto nested = [](int depth) {
    return "{\"text\":\"a\",\"m\":" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
  };
  EXPECT_EQ(Reason(nested(64)), "");
  EXPECT_EQ(Reason(nested(65)), "NESTING_TOO_DEEP");
  EXPECT_EQ(Reason(nested(100'000)), "NESTING_TOO_DEEP");
  EXPECT_EQ(Reason(std::string(1'000'000, '[')), "INVALID_JSON") << "never closed";
}

TEST_F(BadJsonTest, DeepMetadataSurvivesTheWireAsText) {
  std::string json = "1";
  for (int i = 0; i < 50; ++i) json = "{\"k\":" + json + "}";
  const auto entry = One("{\"text\":\"t\",\"m\":" + json + "}");
  v1::IngestDocumentsRequest sent;
  *sent.add_entries() = entry;
  v1::IngestDocumentsRequest received;
  ASSERT_TRUE(received.ParseFromString(sent.SerializeAsString()));
  const google::protobuf::Value* value = &received.entries(0).document().metadata().fields().at("m");
  int depth = 0;
  for (; value->has_struct_value(); ++depth) value = &value->struct_value().fields().at("k");
  EXPECT_GE(depth, 10);
  std::string rest = "1";
  for (; depth < 50; ++depth) rest = "{\"k\":" + rest + "}";
  EXPECT_EQ(value->string_value(), rest);
}

TEST_F(BadJsonTest, MillionKeysAreRefused) {
  std::string line = "{\"text\":\"a\"";
  for (int i = 0; i < 1'000'000; ++i) line += ",\"" + std::to_string(i) + "\":1";
  EXPECT_EQ(Reason(line + "}"), "METADATA_TOO_LARGE");
  EXPECT_EQ(Reason("{\"text\":\"a\",\"m\":\"" + std::string(2 << 20, 'x') + "\"}"), "METADATA_TOO_LARGE");
}

TEST_F(BadJsonTest, DuplicateKeysAreRefusedEverywhere) {
  for (const auto* line :
       {"{\"text\":\"a\",\"text\":\"b\"}", "{\"text\":\"a\",\"id\":1,\"id\":2}", "{\"text\":\"a\",\"x\":1,\"x\":1}",
        "{\"text\":\"a\",\"m\":{\"x\":1,\"x\":2}}", "{\"text\":\"a\",\"\\u0074ext\":\"b\"}"}) {
    EXPECT_EQ(Reason(line), "DUPLICATE_KEY") << line;
  }
}

TEST_F(BadJsonTest, HalfSurrogatePairsAreInvalidOrReplaced) {
  v1::InputSpec replace;
  replace.set_replace_invalid_utf8(true);
  for (const auto* escape : {"\\ud800", "\\uDC00", "\\ud800\\u0041", "\\ud800\\ud800", "\\udc00\\ud800"}) {
    const std::string line = "{\"text\":\"a" + std::string(escape) + "\"}";
    EXPECT_EQ(Reason(line), "INVALID_UTF8") << line;
    EXPECT_THAT(One(line, replace).document().text(), HasSubstr("a\xef\xbf\xbd")) << line;
  }
  EXPECT_EQ(One("{\"text\":\"\\ud83d\\ude00\"}").document().text(), "\xf0\x9f\x98\x80");
  EXPECT_EQ(One("{\"text\":\"\\\\ud800\"}").document().text(), "\\ud800");
}

TEST_F(BadJsonTest, NumbersAreNeverChangedInSilence) {
  EXPECT_EQ(Metadata("9007199254740992").number_value(), 9007199254740992.0);
  for (const auto* number :
       {"9007199254740993", "-9007199254740993", "18446744073709551615", "123456789012345678901234567890",
        "3.14159265358979323846", "0.12345678901234567890123", "1e-999"}) {
    EXPECT_EQ(Metadata(number).string_value(), number);
  }
  for (const double number : {0.1, 1e300, 5e-324, 3.141592653589793, 0.30000000000000004, 1e23}) {
    EXPECT_EQ(Metadata(absl::StrFormat("%.17g", number)).number_value(), number) << number;
  }
  const auto list = Metadata("[1, 12345678901234567890123, {\"x\": 2.5}]").list_value();
  EXPECT_EQ(list.values(0).number_value(), 1);
  EXPECT_EQ(list.values(1).string_value(), "12345678901234567890123");
  EXPECT_EQ(list.values(2).struct_value().fields().at("x").number_value(), 2.5);
  EXPECT_EQ(Reason("{\"text\":\"a\",\"m\":1e999}"), "INVALID_JSON");
  EXPECT_EQ(Reason("{\"text\":\"a\",\"m\":[-1e999, 12345678901234567890123]}"), "INVALID_JSON");
}

TEST_F(BadJsonTest, NumbersInsideStringsStayAsTheyAre) {
  const auto entry =
      One("{\"text\":\"say \\\"12345678901234567890123\\\" or 3.14159265358979323846\",\"m\":12345678901234567890123}");
  EXPECT_EQ(entry.document().text(), "say \"12345678901234567890123\" or 3.14159265358979323846");
}

TEST_F(BadJsonTest, TextMustBeThereAndBeAString) {
  EXPECT_EQ(Reason("{}"), "MISSING_TEXT");
  EXPECT_EQ(Reason("{\"id\":\"x\"}"), "MISSING_TEXT");
  EXPECT_THAT(One("{\"body\":\"x\"}").unreadable().message(), HasSubstr("input.text_field"));
  for (const auto* text : {"null", "5", "[\"a\"]", "{}", "true"}) {
    EXPECT_EQ(Reason("{\"text\":" + std::string(text) + "}"), "TEXT_NOT_A_STRING") << text;
  }
  EXPECT_EQ(Reason("{\"text\":\"\"}"), "EMPTY_TEXT");
  EXPECT_EQ(Reason("{\"text\":\" \\n\\t\"}"), "EMPTY_TEXT");
}

TEST_F(BadJsonTest, MissingIdsComeFromTheContent) {
  for (const auto* line : {"{\"text\":\"abc\"}", "{\"text\":\"abc\",\"id\":null}", "{\"text\":\"abc\",\"id\":\"\"}"}) {
    EXPECT_EQ(One(line).document().id(), ContentHash("abc")) << line;
  }
}

TEST_F(BadJsonTest, NumberIdsKeepTheirSpelling) {
  for (const auto* id : {"0", "17", "-4", "1.50", "1e5", "18446744073709551615", "123456789012345678901234567890"}) {
    EXPECT_EQ(One("{\"text\":\"a\",\"n\":0.5,\"id\":" + std::string(id) + "}").document().id(), id);
  }
}

TEST_F(BadJsonTest, UnfitIdsAreRefused) {
  EXPECT_EQ(Reason("{\"text\":\"a\",\"id\":\"" + std::string(256, 'x') + "\"}"), "");
  EXPECT_EQ(Reason("{\"text\":\"a\",\"id\":\"" + std::string(257, 'x') + "\"}"), "INVALID_ID");
  for (const auto* id : {"\"a\\nb\"", "\"\\u0000\"", "\"\\u007f\"", "\"\\u0085\"", "true", "[1]", "{}"}) {
    EXPECT_EQ(Reason("{\"text\":\"a\",\"id\":" + std::string(id) + "}"), "INVALID_ID") << id;
  }
  EXPECT_EQ(One("{\"text\":\"a\",\"id\":\"\\u00e9\"}").document().id(), "\xc3\xa9");
}

TEST_F(BadJsonTest, UnknownFieldsAreCarriedThrough) {
  const auto document =
      One(R"({"url":"u","text":"t","title":"T","tags":["a",null,true],"deep":{"x":-1.5},"source":"s"})").document();
  EXPECT_EQ(document.title(), "T");
  EXPECT_EQ(document.source(), "s");
  EXPECT_EQ(document.metadata().fields_size(), 3);
  EXPECT_EQ(document.metadata().fields().at("url").string_value(), "u");
  EXPECT_EQ(document.metadata().fields().at("tags").list_value().values_size(), 3);
  EXPECT_EQ(document.metadata().fields().at("deep").struct_value().fields().at("x").number_value(), -1.5);
}

TEST_F(BadJsonTest, TitleAndSourceOfAnotherTypeAreMetadata) {
  const auto document = One(R"({"text":"t","title":7,"source":["x"]})").document();
  EXPECT_EQ(document.title(), "");
  EXPECT_EQ(document.source(), folder_ / "a.jsonl");
  EXPECT_EQ(document.metadata().fields().at("title").number_value(), 7);
  EXPECT_EQ(document.metadata().fields().count("source"), 1u);
}

TEST_F(BadJsonTest, FieldNamesAreOptions) {
  v1::InputSpec spec;
  spec.set_text_field("body");
  spec.set_id_field("key");
  spec.set_title_field("name");
  const auto document = Read(R"({"body":"b","key":"k","name":"n","text":"x","id":"y"})", spec).full.at(0).document();
  EXPECT_EQ(document.text() + document.id() + document.title(), "bkn");
  EXPECT_EQ(document.metadata().fields_size(), 2);
  spec.set_id_field("body");
  EXPECT_EQ(Read("{}", spec).error, "INVALID_INPUT_SPEC");
}

}  // namespace
}  // namespace quern::dataset

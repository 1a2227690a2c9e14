#include "common/llm/prompt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/error.h"

namespace quern::llm {
namespace {

using ::testing::HasSubstr;

TEST(OneLineTest, MakesAnyWhiteSpaceOneSpace) {
  EXPECT_EQ(OneLine(" a\n\n b\t\tc \r\n"), "a b c");
  EXPECT_EQ(OneLine(""), "");
  EXPECT_EQ(OneLine(" \n\t"), "");
  EXPECT_EQ(OneLine("çà et là"), "çà et là");
}

TEST(PromptTemplateTest, FillsEachVariableWhereverItStands) {
  const auto prompt = PromptTemplate::Parse("{{a}} and {{b}}, {{a}} again{{b}}", {"a", "b"}, {"a"});
  ASSERT_TRUE(prompt.ok()) << prompt.status();
  EXPECT_EQ(prompt->Fill({{"a", "A"}, {"b", "B"}}), "A and B, A againB");
  EXPECT_EQ(prompt->Fill({{"a", "A"}}), "A and , A again") << "what has no value is empty";
}

TEST(PromptTemplateTest, TakesValuesAsTheyStand) {
  const auto prompt = PromptTemplate::Parse("Question: {{a}}", {"a", "b"}, {});
  ASSERT_TRUE(prompt.ok());
  EXPECT_EQ(prompt->Fill({{"a", "what is {{b}}, {{a}}, {{?"}, {"b", "B"}}), "Question: what is {{b}}, {{a}}, {{?");
}

TEST(PromptTemplateTest, LeavesOtherBracesAlone) {
  const auto prompt = PromptTemplate::Parse("Reply {\"x\": {\"y\": 1}} for {{a}}", {"a"}, {"a"});
  ASSERT_TRUE(prompt.ok()) << prompt.status();
  EXPECT_EQ(prompt->Fill({{"a", "A"}}), "Reply {\"x\": {\"y\": 1}} for A");
}

TEST(PromptTemplateTest, TellsWhatIsWrong) {
  struct Case {
    const char* text;
    const char* told;
  };
  for (const Case& wrong : {Case{"{{a}} {{c}}", "{{c}} is unknown here; the task may use {{a}}, {{b}}"},
                            Case{"{{ a }}", "{{ a }} is unknown"}, Case{"{{a}} {{b", "is not closed"},
                            Case{"{{b}}", "{{a}} must stand in it"}, Case{"", "{{a}} must stand in it"}}) {
    const absl::Status status = PromptTemplate::Parse(wrong.text, {"a", "b"}, {"a"}).status();
    EXPECT_EQ(ErrorReason(status), "INVALID_SPEC") << wrong.text;
    EXPECT_THAT(std::string(status.message()), HasSubstr(wrong.told)) << wrong.text;
  }
}

}  // namespace
}  // namespace quern::llm

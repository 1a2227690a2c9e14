#include <gtest/gtest.h>

#include <string>

#include "common/llm/reply.h"

namespace quern::llm {
namespace {

struct ObjectRow {
  const char* name;
  std::string text;
  std::string object;
};

TEST(JsonObjectInTest, FindsTheObjectAndAddsNothing) {
  const ObjectRow rows[] = {
      {"the text itself", R"({"a": 1})", R"({"a": 1})"},
      {"blanks around", " \n{\"a\": 1}\n\n", R"({"a": 1})"},
      {"a fence with a word", "```json\n{\"a\": 1}\n```", R"({"a": 1})"},
      {"a fence without", "```\n{\"a\": 1}\n```", R"({"a": 1})"},
      {"a fence with carriage returns", "```JSON\r\n{\"a\": 1}\r\n```\r\n", R"({"a": 1})"},
      {"a fence in one line", "```json {\"a\": 1}```", R"({"a": 1})"},
      {"text around a fence", "Here you are:\n```json\n{\"a\": 1}\n```\nThe braces {} are mine.", R"({"a": 1})"},
      {"text around braces", "Here you are: {\"a\": {\"b\": 2}} Enjoy.", R"({"a": {"b": 2}})"},
      {"the last brace is in prose", R"({"a": 1} as {asked})", R"({"a": 1} as {asked})"},
      {"braces in strings", R"({"a": "}{", "b": "{"})", R"({"a": "}{", "b": "{"})"},
      {"a fence in a string", "{\"a\": \"```json\\n{}\\n```\"}", "{\"a\": \"```json\\n{}\\n```\"}"},
      {"a fence in a string in a fence", "```json\n{\"a\": \"```b```\"}\n```", "{\"a\": \"```b```\"}"},
      {"a first block without object", "```python\nx = 1\n```\nso {\"a\": 1}", R"({"a": 1})"},
      {"two blocks", "```json\n{\"a\": 1}\n```\nor\n```json\n{\"b\": 1}\n```", R"({"a": 1})"},
      {"a fence that was cut", "```json\n{\"a\": {\"b\": 1}, \"c\": \"", R"({"a": {"b": 1})"},
      {"cut before a closing brace", R"({"a": "tr)", R"({"a": "tr)"},
      {"a missing brace stays missing", R"({"a": [{"b": 1})", R"({"a": [{"b": 1})"},
      {"nothing", "", ""},
      {"prose", "I cannot do that.", ""},
      {"a fence with prose", "```\nno\n```", ""},
      {"a closing brace first", "} {\"a\": 1", "{\"a\": 1"},
      {"only fences", "``````", ""},
  };
  for (const ObjectRow& row : rows) EXPECT_EQ(JsonObjectIn(row.text), row.object) << row.name;
}

TEST(JsonObjectInTest, StaysLinearInWhatModelsMayWrite) {
  for (const char* piece : {"```", "{", "}", " ```", "```\n{", "\n   "}) {
    std::string text;
    while (text.size() < 4 << 20) text += piece;
    EXPECT_LE(JsonObjectIn(text).size(), text.size()) << piece;
  }
}

}  // namespace
}  // namespace quern::llm

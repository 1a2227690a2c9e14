#include "common/llm/echo.h"

#include <gtest/gtest.h>

namespace quern::llm {
namespace {

const std::string kPrompt = "Document: The Ardel Works is a factory in Brühl that makes pumps.\nSay what it makes.";

TEST(EchoTest, WhatAServerRepeatsOfThePromptIsLeftOut) {
  EXPECT_EQ(WithoutEcho("bad field = The Ardel Works is a factory in Brühl that makes boats", kPrompt),
            "bad field =…boats");
  EXPECT_EQ(WithoutEcho("{\"input\": \"" + kPrompt + "\"}", kPrompt), "{\"input\": \"…\"}");
}

TEST(EchoTest, TheShortestEchoIsFoundWhereverItStands) {
  // Up to the first character of more than one byte.
  for (size_t at = 0; at + 24 <= kPrompt.find("ü"); ++at) {
    EXPECT_EQ(WithoutEcho("it says=" + kPrompt.substr(at, 24) + "#", kPrompt), "it says=…#") << at;
  }
}

TEST(EchoTest, OtherWordsStay) {
  EXPECT_EQ(WithoutEcho("The Ardel Works", kPrompt), "The Ardel Works") << "shorter than an echo";
  EXPECT_EQ(WithoutEcho("the model `m` does not exist", kPrompt), "the model `m` does not exist");
  EXPECT_EQ(WithoutEcho("", kPrompt), "");
  EXPECT_EQ(WithoutEcho("anything", ""), "anything");
}

TEST(EchoTest, CharactersAreNotCutInTwo) {
  // It differs from the prompt in the second byte of ü.
  const std::string said = "x=Ardel Works is a factory in Brúhl";
  EXPECT_EQ(WithoutEcho(said, kPrompt), "x=…\xc3\xbahl");
}

}  // namespace
}  // namespace quern::llm

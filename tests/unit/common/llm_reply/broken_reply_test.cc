#include <gtest/gtest.h>

#include <random>

#include "tests/unit/common/llm_reply/replies.h"

namespace quern::llm {
namespace {

using Verdict = Reading::Verdict;

constexpr char kGoodMessage[] = R"({"role":"assistant","content":"Grüße, \"du\" {[\u00e9]}","reasoning_content":"hm"})";

struct BodyRow {
  const char* name;
  std::string body;
  const char* reason;
};

TEST(BrokenReplyTest, CallsASuccessWithoutCompletionBroken) {
  const BodyRow rows[] = {
      {"empty", "", "EMPTY_REPLY"},
      {"blanks that kept the connection alive", "\n \r\n\t", "EMPTY_REPLY"},
      {"HTML", "<!DOCTYPE html>\n<html><head><title>Sign in</title></head></html>", "NOT_A_COMPLETION"},
      {"text", "OK", "NOT_A_COMPLETION"},
      {"an event stream", "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n", "NOT_A_COMPLETION"},
      {"two documents", Chat(kGoodMessage) + Chat(kGoodMessage), "NOT_A_COMPLETION"},
      {"a number", "17", "NOT_A_COMPLETION"},
      {"null", "null", "NOT_A_COMPLETION"},
      {"an array", "[]", "NOT_A_COMPLETION"},
      {"an object", "{}", "NOT_A_COMPLETION"},
      {"Ollama's own form", R"({"model":"m","message":{"role":"assistant","content":"Hi"},"done":true})",
       "NOT_A_COMPLETION"},
      {"Anthropic's own form", R"({"type":"message","content":[{"type":"text","text":"Hi"}]})", "NOT_A_COMPLETION"},
      {"no choices", R"({"choices":[]})", "NO_CHOICES"},
      {"null choices", R"({"choices":null})", "NO_CHOICES"},
      {"choices of no form", R"({"choices":[5]})", "NO_CHOICES"},
      {"a choice of no form", R"({"choices":[{}]})", "NULL_CONTENT"},
      {"Latin-1", Chat("{\"content\":\"Gr\xFC\xDF\"}"), "REPLY_NOT_UTF8"},
      {"an overlong form", Chat("{\"content\":\"\xC0\xAF\"}"), "REPLY_NOT_UTF8"},
      {"bad bytes outside of strings", Chat(kGoodMessage) + "\xFF", "REPLY_NOT_UTF8"},
      {"half a surrogate pair", Chat(R"({"content":"\ud800"})"), "REPLY_NOT_UTF8"},
      {"the other half", Chat(R"({"content":"\udc00"})"), "REPLY_NOT_UTF8"},
      {"an error of no kind", R"({"error":{"message":"CUDA error: device-side assert"}})", "NOT_A_COMPLETION"},
      {"an error as text", R"({"error":"something went wrong"})", "NOT_A_COMPLETION"},
      {"an error in detail", R"({"detail":"Not Found"})", "NOT_A_COMPLETION"},
      {"an error with a 5xx", R"({"error":{"message":"upstream","code":502}})", "HTTP_502"},
      {"an error half-way",
       R"({"choices":[{"message":{"content":"Hi th"},"finish_reason":"error","error":{"code":502,"message":"gone"}}]})",
       "HTTP_502"},
  };
  for (const BodyRow& row : rows) {
    const Reading reading = ReadAnswered(200, row.body);
    EXPECT_EQ(reading.verdict, Verdict::kBroken) << row.name;
    EXPECT_EQ(reading.reason, row.reason) << row.name;
    EXPECT_TRUE(reading.ambiguous) << row.name;
    EXPECT_FALSE(reading.message.empty()) << row.name;
    EXPECT_EQ(reading.message.find("Hi"), std::string::npos) << row.name << ": holds the model's text";
  }
}

TEST(BrokenReplyTest, ReadsACompletionBehindABomOrBesideAnErrorThatIsNone) {
  std::string body = Chat(kGoodMessage);
  EXPECT_EQ(ReadAnswered(200, "\xEF\xBB\xBF" + body).verdict, Verdict::kComplete);
  EXPECT_EQ(ReadAnswered(200, "  \n" + body + "\r\n").verdict, Verdict::kComplete);
  for (const char* none : {"null", "\"\"", "{}", "false"}) {
    const std::string with = "{\"code\":200,\"error\":" + std::string(none) + "," + body.substr(1);
    EXPECT_EQ(ReadAnswered(200, with).verdict, Verdict::kComplete) << none;
  }
}

TEST(BrokenReplyTest, TellsWhatBecameOfARequestWithoutAnAnswer) {
  HttpReply reply;
  reply.error = "connect to 127.0.0.1:1: Connection refused";
  Reading reading = ReadReply(reply, 400, kReplyTime);
  EXPECT_EQ(reading.verdict, Verdict::kUnreachable);
  EXPECT_EQ(reading.reason, "UNREACHABLE");
  EXPECT_FALSE(reading.ambiguous);
  EXPECT_NE(reading.message.find("Connection refused"), std::string::npos);

  reply.outcome = HttpReply::Outcome::kLost;
  reading = ReadReply(reply, 400, kReplyTime);
  EXPECT_EQ(reading.verdict, Verdict::kBroken);
  EXPECT_EQ(reading.reason, "CONNECTION_LOST");
  EXPECT_TRUE(reading.ambiguous);

  reply.timed_out = true;
  reading = ReadReply(reply, 400, kReplyTime);
  EXPECT_EQ(reading.reason, "TIMED_OUT");
  EXPECT_TRUE(reading.ambiguous);

  reply.outcome = HttpReply::Outcome::kTooLong;
  reading = ReadReply(reply, 400, kReplyTime);
  EXPECT_EQ(reading.verdict, Verdict::kBroken);
  EXPECT_EQ(reading.reason, "REPLY_TOO_LARGE");
  EXPECT_TRUE(reading.ambiguous);
}

TEST(BrokenReplyTest, NeverTakesAPartOfAReplyForTheWhole) {
  const std::string body = Chat(kGoodMessage);
  ASSERT_EQ(ReadAnswered(200, body).verdict, Verdict::kComplete);
  for (size_t size = 0; size < body.size(); ++size) {
    const Reading reading = ReadAnswered(200, body.substr(0, size));
    EXPECT_EQ(reading.verdict, Verdict::kBroken) << size;
    EXPECT_TRUE(reading.ambiguous) << size;
  }
}

TEST(BrokenReplyTest, WhatAReplyWithoutChoicesSaysToHaveUsedIsCounted) {
  const Reading told = ReadAnswered(200, R"({"choices":[],"usage":{"prompt_tokens":90,"completion_tokens":7}})");
  EXPECT_EQ(told.reason, "NO_CHOICES");
  EXPECT_EQ(told.completion.usage.input, 90u);
  EXPECT_EQ(told.completion.usage.output, 7u);
  EXPECT_EQ(ReadAnswered(200, R"({"choices":[]})").completion.usage.input, 0u) << "nothing is made up";
}

TEST(BrokenReplyTest, SurvivesAnyBytes) {
  const std::string bodies[] = {Chat(kGoodMessage), R"([{"error":{"code":429,"message":"a","details":[{"x":1}]}}])",
                                R"({"detail":[{"type":"extra_forbidden","loc":["body","seed",0],"msg":"Extra"}]})",
                                "<html><title>502</title></html>"};
  std::mt19937 random(20260301);
  for (int round = 0; round < 40000; ++round) {
    std::string body = bodies[round % std::size(bodies)];
    for (int flips = 1 + round % 4; flips > 0; --flips) body[random() % body.size()] ^= 1 << (random() % 8);
    const int status = round % 3 == 0 ? 200 : 400 + static_cast<int>(random() % 130);
    const Reading reading = ReadAnswered(status, body);
    EXPECT_EQ(reading.reason.empty(), reading.verdict == Verdict::kComplete || reading.verdict == Verdict::kTruncated);
    EXPECT_LT(reading.message.size(), 500u);
  }
}

TEST(BrokenReplyTest, StaysSafeWhenARepliesNestsOrGrows) {
  for (const char* piece : {"[", "{\"a\":", "{\"error\":", "[{\"error\":[", "\"", "\\", "</think>", "<title>", "0,"}) {
    std::string body;
    while (body.size() < 2 << 20) body += piece;
    EXPECT_EQ(ReadAnswered(200, body).verdict, Verdict::kBroken) << piece;
    EXPECT_EQ(ReadAnswered(500, body).reason, "HTTP_500") << piece;
  }
  std::string long_text(16 << 20, 'x');
  EXPECT_EQ(ReadAnswered(200, Chat("{\"content\":\"" + long_text + "\"}")).completion.text.size(), long_text.size());
  EXPECT_EQ(ReadAnswered(200, Chat(kGoodMessage)).verdict, Verdict::kComplete) << "after a large one";
}

}  // namespace
}  // namespace quern::llm

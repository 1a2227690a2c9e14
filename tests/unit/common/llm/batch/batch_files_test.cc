// The files that go to a batch API and come back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "absl/time/clock.h"
#include "common/llm/batch/reply_file.h"
#include "common/llm/batch/request_file.h"
#include "common/llm/reply.h"
#include "tests/support/models.h"

namespace quern::batch {
namespace {

using ::testing::HasSubstr;
using Verdict = llm::Reading::Verdict;

// Schemas that are written over several lines made lines that were no JSON.
TEST(RequestFileTest, ARequestIsOneLineHoweverItsBodyIsWritten) {
  const std::string line = RequestLine("id-1", "{\"model\":\n\"m\",\r\n\"messages\":[{\"content\":\"a\\nb\"}]}");
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  const auto json = nlohmann::json::parse(line);
  EXPECT_EQ(json["custom_id"], "id-1");
  EXPECT_EQ(json["method"], "POST");
  EXPECT_EQ(json["url"], "/v1/chat/completions");
  EXPECT_EQ(json["body"]["messages"][0]["content"], "a\nb");
}

TEST(RequestFileTest, AFormHasThePurposeAndTheFile) {
  const UploadForm form = MakeUploadForm("token", "{}\n{}\n");
  EXPECT_EQ(form.content_type, "multipart/form-data; boundary=quern-token");
  EXPECT_EQ(form.body,
            "--quern-token\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n"
            "--quern-token\r\nContent-Disposition: form-data; name=\"file\"; filename=\"token.jsonl\"\r\n"
            "Content-Type: application/jsonl\r\n\r\n{}\n{}\n\r\n--quern-token--\r\n");
}

// What each call's line means, by its id.
std::map<std::string, llm::Reading> Readings(const std::string& file, size_t* passed_over) {
  std::map<std::string, llm::Reading> readings;
  *passed_over =
      ReadReplyFile(file, [&](ReplyLine line) { readings[line.call] = llm::ReadReply(line.reply, 100, absl::Now()); });
  return readings;
}

TEST(ReplyFileTest, LinesMeanWhatTheSameRepliesOfCallsMean) {
  const std::string completion = testing::CompletionBody("4 \xE2\x82\xAC");
  const std::string file =
      R"({"custom_id":"good","response":{"status_code":200,"request_id":"r","body":)" + completion +
      "},\"error\":null}\n\r\n"
      R"({"custom_id":"limited","response":{"status_code":429,"body":{"error":{"message":"Rate limit reached"}}}})"
      "\n"
      R"({"custom_id":"late","response":null,"error":{"code":"batch_expired","message":"too late"}})"
      "\n"
      R"({"custom_id":"odd","response":null,"error":{"code":"server_error","message":"oops"}})"
      "\n"
      R"({"custom_id":"page","response":{"status_code":502,"body":"<html><title>Bad Gateway</title></html>"}})"
      "\n"
      "{\"custom_id\":\"cut\",\"resp\nnot JSON\n{\"no\":\"id\"}\n"
      R"({"custom_id":"last","response":{"status_code":400,"body":{"error":{"code":"context_length_exceeded"}}}})";
  size_t passed_over = 0;
  const auto readings = Readings(file, &passed_over);
  EXPECT_EQ(passed_over, 3);
  ASSERT_EQ(readings.size(), 6);
  EXPECT_EQ(readings.at("good").verdict, Verdict::kComplete);
  EXPECT_EQ(readings.at("good").completion.text, "4 \xE2\x82\xAC");
  EXPECT_EQ(readings.at("good").completion.usage.input, 10);
  EXPECT_EQ(readings.at("limited").verdict, Verdict::kOverloaded);
  EXPECT_EQ(readings.at("late").verdict, Verdict::kOverloaded);
  EXPECT_FALSE(readings.at("late").ambiguous);
  EXPECT_EQ(readings.at("odd").verdict, Verdict::kBroken);
  EXPECT_THAT(readings.at("odd").message, HasSubstr("oops"));
  EXPECT_EQ(readings.at("page").verdict, Verdict::kBroken);
  EXPECT_EQ(readings.at("last").reason, "CONTEXT_TOO_LONG");
}

TEST(ReplyFileTest, OnlyMoneyIsForAPersonWhenABatchHasNoRoom) {
  const auto verdict = [](std::string_view code, std::string_view message) {
    return llm::ReadReply(ErrorReply(429, code, message), 0, absl::Now()).verdict;
  };
  EXPECT_EQ(verdict("token_limit_exceeded", "Enqueued token limit reached for gpt-4.1-mini in organization o."),
            Verdict::kOverloaded);
  EXPECT_EQ(verdict("billing_hard_limit_reached", "Billing hard limit has been reached."), Verdict::kForAPerson);
  EXPECT_EQ(verdict("insufficient_quota", "You exceeded your current quota."), Verdict::kForAPerson);
}

}  // namespace
}  // namespace quern::batch

#include "services/simulator/chat_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/services/simulator/prompts.h"

namespace quern::simulator {
namespace {

using ::testing::HasSubstr;

TEST(ChatRequestTest, ReadsWhatAStageSends) {
  nlohmann::json body = BodyOf("Say \"hé\".", "quern_answer");
  body["seed"] = -7;
  body["max_tokens"] = 100;
  std::string text = body.dump();
  const auto request = ParseChatRequest(text);
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->model, "m");
  EXPECT_EQ(request->prompt, "Say \"hé\".");
  EXPECT_EQ(request->task(), "Say \"hé\".");
  EXPECT_EQ(request->response_format, "json_schema");
  EXPECT_EQ(request->schema_name, "quern_answer");
  EXPECT_EQ(request->seed, -7);
  EXPECT_EQ(request->max_tokens, 100U);
}

TEST(ChatRequestTest, TakesTheFirstUserMessageForTheTask) {
  std::string text = R"({"model":"m","max_completion_tokens":5,"max_tokens":9,"messages":[
    {"role":"system","content":"Be good."},{"role":"user","content":[{"type":"text","text":"The task."}]},
    {"role":"assistant","content":null},{"role":"user","content":"Again."}]})";
  const auto request = ParseChatRequest(text);
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->task(), "The task.");
  EXPECT_EQ(request->prompt, "Be good.\nThe task.\n\nAgain.");
  EXPECT_EQ(request->max_tokens, 5U);
  EXPECT_FALSE(request->seed.has_value());
}

TEST(ChatRequestTest, SaysWhatIsWrong) {
  const std::pair<std::string, std::string> kWrong[] = {
      {"", "JSON"},
      {"{", "JSON"},
      {"[]", "JSON"},
      {"{\"model\":\"\xFF\"}", "JSON"},
      {R"({"messages":[{"role":"user","content":"x"}]})", "'model'"},
      {R"({"model":"m"})", "'messages'"},
      {R"({"model":"m","messages":[]})", "'messages'"},
      {R"({"model":"m","messages":[1]})", "'messages'"},
      {R"({"model":"m","messages":[{"role":"user","content":1}]})", "content"},
      {R"({"model":"m","messages":[{"role":"system","content":"x"}]})", "'user'"},
      {R"({"model":"m","stream":true,"messages":[{"role":"user","content":"x"}]})", "'stream'"},
  };
  for (auto [body, words] : kWrong) {
    const auto request = ParseChatRequest(body);
    ASSERT_FALSE(request.ok()) << body;
    EXPECT_THAT(std::string(request.status().message()), HasSubstr(words)) << body;
  }
}

}  // namespace
}  // namespace quern::simulator

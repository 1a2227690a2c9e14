// Asking for one JSON object: what is taken for it, and what a model is told when it gives something else.
#include "common/llm/asking.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "common/base/hash.h"
#include "tests/unit/common/llm/client_calls.h"

namespace quern::llm {
namespace {

using ::quern::testing::CompletionBody;
using ::quern::testing::HttpServer;
using ::quern::testing::JobAsking;
using ::quern::testing::ScriptedModel;
using ::testing::HasSubstr;

const ReplySchema kAskingSchema = {
    "test", R"({"type":"object","properties":{"n":{"type":"string"}},"required":["n"],"additionalProperties":false})"};

// Asks a model that gives these replies, one after the other; what `accept` took is in `taken`.
class AskingTest : public ::testing::Test {
 protected:
  Asked Ask(std::vector<std::string> replies) {
    model_ = std::make_unique<ScriptedModel>([replies, next = size_t{0}](const std::string&) mutable {
      return replies.at(std::min(next++, replies.size() - 1));
    });
    const auto client = ClientOf(&hub_, JobAsking({model_->base_url()}));
    ChatRequest request = Question();
    request.schema = &kAskingSchema;
    const auto accept = [this](const simdjson::dom::object& object) {
      auto read = StringOf(object, "n");
      if (read.ok()) taken_ = *read;
      return read.status();
    };
    return testing::RunOne(AskForObject(*client, request, accept));
  }
  nlohmann::json Body(size_t i) { return nlohmann::json::parse(model_->bodies().at(i)); }

  std::string taken_;
  TestLedger ledger_;
  Hub hub_{&ledger_, nullptr};
  std::unique_ptr<ScriptedModel> model_;
};

TEST_F(AskingTest, TakesTheObjectWithItsCosts) {
  const Asked asked = Ask({R"({"n": "four"})"});
  EXPECT_FALSE(asked.failure);
  EXPECT_EQ(taken_, "four");
  EXPECT_EQ(asked.calls, 1u);
  EXPECT_EQ(asked.usage.input, 10u);
  EXPECT_EQ(asked.usage.output, 5u);
  EXPECT_EQ(asked.reply.text(), R"({"n": "four"})");
  EXPECT_EQ(asked.reply.model(), "m");
  EXPECT_EQ(asked.reply.finish_reason(), "stop");
  EXPECT_EQ(asked.reply.prompt_hash(), ContentHash("2 + 2?"));
}

TEST_F(AskingTest, TakesAnObjectInAFenceOrBetweenWords) {
  for (const char* reply : {"```json\n{\"n\": \"four\"}\n```", "Sure!\n\n```\n{\"n\": \"four\"}\n```\nAnything else?",
                            "The object is {\"n\": \"four\"}.", "<think>2 + 2</think>{\"n\": \"four\"}"}) {
    taken_.clear();
    EXPECT_FALSE(Ask({reply}).failure) << reply;
    EXPECT_EQ(taken_, "four") << reply;
    EXPECT_EQ(model_->bodies().size(), 1u) << reply;
  }
}

TEST_F(AskingTest, ShowsTheModelItsReplyAndWhatWasWrong) {
  const Asked asked = Ask({R"({"m": 4})", R"({"n": "four"})"});
  EXPECT_FALSE(asked.failure);
  EXPECT_EQ(taken_, "four");
  EXPECT_EQ(asked.calls, 2u);
  EXPECT_EQ(asked.usage.input, 20u);
  EXPECT_EQ(asked.usage.output, 10u);
  EXPECT_EQ(asked.reply.text(), R"({"n": "four"})");
  const nlohmann::json messages = Body(1)["messages"];
  ASSERT_EQ(messages.size(), 3u);
  EXPECT_EQ(messages[0], Body(0)["messages"][0]) << "the same prompt: its prefix is cached";
  EXPECT_EQ(messages[1]["role"], "assistant");
  EXPECT_EQ(messages[1]["content"], R"({"m": 4})");
  EXPECT_EQ(messages[2]["role"], "user");
  EXPECT_THAT(messages[2]["content"].get<std::string>(), HasSubstr("\"n\" must be a string"));
  EXPECT_EQ(ledger_.total().retries(), 1u) << "a repeated question counts as one";
  EXPECT_EQ(ledger_.total().calls(), 2u);
}

TEST_F(AskingTest, TwoRepliesOfTheWrongShapeAreASchemaMismatch) {
  const Asked asked = Ask({R"({"m": 4})", R"({"n": 4})"});
  ASSERT_TRUE(asked.failure);
  EXPECT_EQ(ErrorReason(asked.failure->status), "SCHEMA_MISMATCH");
  EXPECT_EQ(asked.failure->whose, Failure::Whose::kItem);
  EXPECT_EQ(asked.reply.text(), R"({"n": 4})") << "kept for the dead letter";
  EXPECT_EQ(asked.calls, 2u);
  EXPECT_EQ(model_->bodies().size(), 2u);
}

TEST_F(AskingTest, TwoRepliesThatAreNoObjectsAreMalformed) {
  for (const char* reply : {"I cannot say.", R"({"n": "fo)", R"(["n"])", "{n: 4}", R"({"n": "four"} {"n": "five"})"}) {
    const Asked asked = Ask({reply});
    ASSERT_TRUE(asked.failure) << reply;
    EXPECT_EQ(ErrorReason(asked.failure->status), "MALFORMED_REPLY") << reply;
    EXPECT_EQ(asked.reply.text(), reply);
    EXPECT_EQ(model_->bodies().size(), 2u);
    EXPECT_EQ(asked.failure->status.ToString().find("cannot say"), std::string::npos) << "no reply in a message";
  }
  EXPECT_EQ(taken_, "");
}

TEST_F(AskingTest, ANumberThatIsTooLargeIsAskedForAsAString) {
  const Asked asked = Ask({R"({"n": 123456789012345678901234567890})", R"({"n": "123456789012345678901234567890"})"});
  EXPECT_FALSE(asked.failure);
  EXPECT_EQ(taken_, "123456789012345678901234567890");
  EXPECT_THAT(Body(1)["messages"][2]["content"].get<std::string>(), HasSubstr("a number"));
}

TEST_F(AskingTest, KeepsLongRepliesInPartCutBetweenCharacters) {
  std::string reply = "x";
  for (int i = 0; i < 10000; ++i) reply += "é";
  const Asked asked = Ask({reply});
  EXPECT_EQ(asked.reply.text().size(), (16u << 10) - 1);
  EXPECT_EQ(asked.reply.text(), reply.substr(0, asked.reply.text().size()));
}

TEST_F(AskingTest, OfATruncatedReplyWhatThereIsIsKept) {
  HttpServer server(
      [](const HttpServer::Request&) { return HttpServer::Response(CompletionBody(R"({"n": "fo)", "length")); });
  const auto client = ClientOf(&hub_, JobAsking({server.url() + "/v1"}));
  const Accept accept = [](const simdjson::dom::object&) { return absl::OkStatus(); };
  const Asked asked = testing::RunOne(AskForObject(*client, Question(), accept));
  ASSERT_TRUE(asked.failure);
  EXPECT_EQ(ErrorReason(asked.failure->status), "TRUNCATED");
  EXPECT_EQ(asked.reply.text(), R"({"n": "fo)");
  EXPECT_EQ(asked.reply.finish_reason(), "length");
}

TEST(BoolOfTest, TakesBooleansAlone) {
  simdjson::dom::parser parser;
  const simdjson::padded_string text(
      std::string_view(R"({"yes": true, "no": false, "word": "true", "one": 1, "none": null})"));
  const simdjson::dom::object object = parser.parse(text);
  EXPECT_TRUE(BoolOf(object, "yes").value());
  EXPECT_FALSE(BoolOf(object, "no").value());
  for (const char* key : {"word", "one", "none", "missing"}) {
    EXPECT_EQ(ErrorReason(BoolOf(object, key).status()), "SCHEMA_MISMATCH") << key;
    EXPECT_THAT(std::string(BoolOf(object, key).status().message()), HasSubstr(key));
  }
}

}  // namespace
}  // namespace quern::llm

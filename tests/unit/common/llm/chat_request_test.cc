#include "common/llm/chat_request.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace quern::llm {
namespace {

class ChatBodyTest : public ::testing::Test {
 protected:
  ChatBodyTest() {
    request_.task = "Why?";
    model_.set_model("a \"model\"");
  }
  std::string Body() { return ChatBody(request_, sampling_, model_, v1::STRUCTURED_OUTPUT_JSON_OBJECT, 10).Joined(); }

  const ReplySchema schema_ = {"s", "{}"};
  ChatRequest request_;
  v1::Sampling sampling_;
  v1::ModelSpec model_;
};

TEST_F(ChatBodyTest, HoldsWhatIsSetInItsOrder) {
  EXPECT_EQ(Body(), R"({"model":"a \"model\"","max_tokens":10,"messages":[{"role":"user","content":"Why?"}]})");
  sampling_.set_temperature(0.7);
  sampling_.set_top_p(1);
  sampling_.set_seed(-3);
  request_.sample = 2;
  request_.schema = &schema_;
  model_.set_max_tokens_field("max_completion_tokens");
  EXPECT_EQ(Body(), R"({"model":"a \"model\"","temperature":0.7,"top_p":1.0,"max_completion_tokens":10,"seed":-1,)"
                    R"("messages":[{"role":"user","content":"Why?"}],"response_format":{"type":"json_object"}})");
}

TEST_F(ChatBodyTest, FieldsOfTheSpecTakeThePlaceOfItsOwn) {
  model_.set_extra_body(R"({"max_tokens": 7, "top_k": 20, "response_format": {"type": "text"}})");
  request_.schema = &schema_;
  EXPECT_EQ(Body(), R"({"model":"a \"model\"","max_tokens":7,"top_k":20,"response_format":{"type":"text"},)"
                    R"("messages":[{"role":"user","content":"Why?"}]})");
  model_.set_extra_body(R"({"messages": []})");
  request_.frame = std::make_shared<const DocumentFrame>(v1::Document());
  EXPECT_EQ(Body(),
            R"({"model":"a \"model\"","max_tokens":10,"messages":[],"response_format":{"type":"json_object"}})");
}

TEST_F(ChatBodyTest, ACorrectionFollowsTheReplyThatItIsAbout) {
  request_.frame = std::make_shared<const DocumentFrame>(v1::Document());
  request_.earlier_reply = "Because\n";
  request_.correction = "That is \"no\" reply.";
  EXPECT_EQ(Body(), R"({"model":"a \"model\"","max_tokens":10,"messages":[{"role":"user","content":")" +
                        request_.frame->json +
                        R"(Why?"},{"role":"assistant","content":"Because\n"},)"
                        R"({"role":"user","content":"That is \"no\" reply."}]})");
}

}  // namespace
}  // namespace quern::llm

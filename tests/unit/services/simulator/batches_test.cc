#include "services/simulator/batches.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"

namespace quern::simulator {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class BatchesTest : public ::testing::Test {
 protected:
  void Make(const std::vector<std::string>& faults = {}, absl::Duration time = absl::ZeroDuration()) {
    BatchOptions options;
    options.time = time;
    ASSERT_TRUE(AddBatchFaults(faults, &options).ok());
    batches_ = std::make_unique<Batches>(options, [this](const std::string& body) {
      ++calls_;
      const int status = json::parse(body).value("status", 200);
      return Reply(status, R"({"answer":true})");
    });
  }
  Reply Send(std::string_view method, const std::string& target, const std::string& body = "") {
    std::optional<Reply> reply = batches_->Handle(method, target, body);
    EXPECT_TRUE(reply.has_value()) << target;
    return reply ? *std::move(reply) : Reply();
  }
  static std::string Line(const std::string& id, int status = 200) {
    return absl::StrCat(R"({"custom_id":")", id, R"(","method":"POST","url":"/v1/chat/completions","body":{"status":)",
                        status, "}}\n");
  }
  std::string Upload(const std::string& lines) {
    const Reply reply =
        Send("POST", "/v1/files",
             "--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n--b\r\nContent-Disposition: "
             "form-data; name=\"file\"; filename=\"f\"\r\n\r\n" +
                 lines + "\r\n--b--\r\n");
    return json::parse(reply.body).value("id", "");
  }
  Reply Create(const std::string& lines) {
    const json body = {{"input_file_id", Upload(lines)},
                       {"endpoint", "/v1/chat/completions"},
                       {"completion_window", "24h"},
                       {"metadata", {{"mark", "m"}}}};
    return Send("POST", "/v1/batches", body.dump());
  }

  int calls_ = 0;
  std::unique_ptr<Batches> batches_;
};

TEST_F(BatchesTest, GoodRepliesAreInOneFileAndErrorsInTheOther) {
  Make();
  const json batch = json::parse(Create(Line("a") + Line("b", 429)).body);
  EXPECT_EQ(batch["status"], "completed");
  EXPECT_EQ(batch["metadata"]["mark"], "m");
  const json good =
      json::parse(Send("GET", "/v1/files/" + batch["output_file_id"].get<std::string>() + "/content").body);
  EXPECT_EQ(good["custom_id"], "a");
  EXPECT_EQ(good["response"]["status_code"], 200);
  EXPECT_EQ(good["response"]["body"]["answer"], true);
  const json bad = json::parse(Send("GET", "/v1/files/" + batch["error_file_id"].get<std::string>() + "/content").body);
  EXPECT_EQ(bad["custom_id"], "b");
  EXPECT_EQ(bad["response"]["status_code"], 429);
}

TEST_F(BatchesTest, CallsCostWhenTheBatchIsCreatedAndAreAnsweredAtItsEnd) {
  Make({}, absl::Hours(1));
  const json batch = json::parse(Create(Line("a")).body);
  EXPECT_EQ(calls_, 1);
  EXPECT_EQ(batch["status"], "validating");
  EXPECT_TRUE(batch["output_file_id"].is_null());
  const std::string path = "/v1/batches/" + batch["id"].get<std::string>();
  EXPECT_EQ(json::parse(Send("POST", path + "/cancel").body)["status"], "cancelled");
  EXPECT_EQ(json::parse(Send("GET", path).body)["status"], "cancelled");
}

TEST_F(BatchesTest, AFileWithALineThatIsNoRequestFailsAsAWhole) {
  Make();
  for (const std::string& lines : {Line("a") + "{\n", Line("a") + Line("a")}) {
    const json batch = json::parse(Create(lines).body);
    EXPECT_EQ(batch["status"], "failed");
    EXPECT_EQ(batch["errors"]["data"][0]["code"], "invalid_json_line");
  }
  EXPECT_EQ(calls_, 0);
}

TEST_F(BatchesTest, FaultsMeetTheFirstBatchesOnly) {
  Make({"expired-half=1", "token-limit=1", "creation-lost=1", "upload-500=1"});
  EXPECT_EQ(Send("POST", "/v1/files", "--b\r\nname=\"file\"\r\n\r\n\r\n--b--").status, 500);
  const json refused = json::parse(Create(Line("a")).body);
  EXPECT_EQ(refused["errors"]["data"][0]["code"], "token_limit_exceeded");
  EXPECT_EQ(calls_, 0);
  const Reply expired = Create(Line("a") + Line("b"));
  EXPECT_EQ(json::parse(expired.body)["status"], "expired");
  EXPECT_EQ(calls_, 1);
  EXPECT_EQ(json::parse(Create(Line("a")).body)["status"], "completed");
}

TEST_F(BatchesTest, TheListGoesFromTheNewestInPages) {
  Make();
  for (const char* name : {"a", "b", "c"}) Create(Line(name));
  const json first = json::parse(Send("GET", "/v1/batches?limit=2").body);
  ASSERT_EQ(first["data"].size(), 2);
  EXPECT_EQ(first["has_more"], true);
  const json rest =
      json::parse(Send("GET", "/v1/batches?limit=2&after=" + first["data"][1]["id"].get<std::string>()).body);
  ASSERT_EQ(rest["data"].size(), 1);
  EXPECT_EQ(rest["has_more"], false);
}

}  // namespace
}  // namespace quern::simulator

#include "services/simulator/simulator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/services/simulator/prompts.h"

namespace quern::simulator {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr char kAnswer[] = R"({"reason":"It is good.","informative":true,"self_contained":true,"deep":true})";

Options Fixed() {
  Options options;
  options.rules = false;
  return options;
}

Reply Post(Simulator& simulator, const json& body, std::string_view authorization = "") {
  HttpQuery query;
  query.method = "POST";
  query.target = "/v1/chat/completions";
  query.authorization = authorization;
  query.body = body.dump();
  return simulator.Handle(std::move(query));
}

Reply Get(Simulator& simulator, std::string_view target) {
  HttpQuery query;
  query.method = "GET";
  query.target = target;
  return simulator.Handle(std::move(query));
}

json FilterBody() { return BodyOf(PromptOf(kBoron, ""), "quern_filter"); }

// The only reply of a simulator whose first request meets the fault `name`.
Reply WithFault(const std::string& name) {
  Options options = Fixed();
  EXPECT_TRUE(options.faults.AddScript("1 " + name).ok()) << name;
  Simulator simulator(std::move(options), nullptr);
  return Post(simulator, FilterBody());
}

json MessageOf(const Reply& reply) { return json::parse(reply.body)["choices"][0]["message"]; }

TEST(SimulatorTest, AnswersInTheWordsOfTheApi) {
  Simulator simulator(Fixed(), nullptr);
  const Reply reply = Post(simulator, FilterBody());
  EXPECT_EQ(reply.status, 200);
  const json body = json::parse(reply.body);
  EXPECT_EQ(body["object"], "chat.completion");
  EXPECT_EQ(body["model"], "m");
  EXPECT_EQ(body["choices"][0]["finish_reason"], "stop");
  EXPECT_EQ(body["choices"][0]["message"]["content"], kAnswer);
  EXPECT_EQ(body["usage"]["prompt_tokens"], (PromptOf(kBoron, "").size() + 3) / 4);
  EXPECT_EQ(body["usage"]["completion_tokens"], (std::string(kAnswer).size() + 3) / 4);
}

TEST(SimulatorTest, ItsWitnessTellsTheTraceOfARequest) {
  const std::string path = ::testing::TempDir() + "quern-witness-of-traces.jsonl";
  std::remove(path.c_str());
  auto witness = Witness::Open(path);
  ASSERT_TRUE(witness.ok()) << witness.status();
  Simulator simulator(Fixed(), *std::move(witness));
  for (const char* traceparent : {"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "", "nonsense\""}) {
    HttpQuery query;
    query.method = "POST";
    query.target = "/v1/chat/completions";
    query.traceparent = traceparent;
    query.body = FilterBody().dump();
    simulator.Handle(std::move(query));
  }
  std::ifstream file(path);
  std::vector<std::string> traces;
  for (std::string line; std::getline(file, line);) traces.push_back(json::parse(line)["trace_id"]);
  EXPECT_THAT(traces, ::testing::ElementsAre("4bf92f3577b34da6a3ce929d0e0e4736", "", ""));
  std::remove(path.c_str());
}

TEST(SimulatorTest, RepeatsItselfExactly) {
  Options options = Fixed();
  ASSERT_TRUE(options.faults.AddRates({"500=0.3", "think=0.3"}).ok());
  Simulator one(options, nullptr);
  Simulator other(std::move(options), nullptr);
  // In the other order, too: what meets a prompt does not follow from its neighbours.
  std::map<int, std::string> replies;
  for (int i = 0; i < 50; ++i) replies[i] = Post(one, BodyOf(PromptOf(kBoron, std::to_string(i)), "")).body;
  for (int i = 49; i >= 0; --i) {
    const Reply reply = Post(other, BodyOf(PromptOf(kBoron, std::to_string(i)), ""));
    EXPECT_EQ(reply.status == 500, replies[i].find("server_error") != std::string::npos);
  }
}

TEST(SimulatorTest, GivesWhoeverAsksAgainAnotherChance) {
  Options options = Fixed();
  ASSERT_TRUE(options.faults.AddRates({"500=0.5"}).ok());
  Simulator simulator(std::move(options), nullptr);
  json body = FilterBody();
  body["seed"] = 1;
  int failed = 0;
  for (int i = 0; i < 100; ++i) failed += Post(simulator, body).status == 500 ? 1 : 0;
  EXPECT_NEAR(failed, 50, 20);
}

TEST(SimulatorTest, ServesItsOtherRoutes) {
  Options options = Fixed();
  options.model = "small";
  options.context_tokens = 512;
  Simulator simulator(std::move(options), nullptr);
  EXPECT_EQ(Get(simulator, "/health").status, 200);
  const json models = json::parse(Get(simulator, "/v1/models?x=1").body);
  EXPECT_EQ(models["data"][0]["id"], "small");
  EXPECT_EQ(models["data"][0]["max_model_len"], 512);
  EXPECT_EQ(Get(simulator, "/v1/nothing").status, 404);
  EXPECT_EQ(Get(simulator, "/v1/chat/completions").status, 404);
}

TEST(SimulatorTest, TurnsAwayWhatItDoesNotTake) {
  Options options = Fixed();
  options.model = "m";
  options.api_key = "secret";
  options.structured = Structured::kJsonObject;
  options.context_tokens = 200;
  Simulator simulator(std::move(options), nullptr);
  const std::string key = "Bearer secret";
  EXPECT_EQ(Post(simulator, FilterBody()).status, 401);
  EXPECT_EQ(Post(simulator, FilterBody(), "Bearer other").status, 401);
  EXPECT_EQ(Get(simulator, "/v1/models").status, 401);

  const Reply format = Post(simulator, FilterBody(), key);
  EXPECT_EQ(format.status, 400);
  EXPECT_EQ(json::parse(format.body)["error"]["param"], "response_format");
  json body = FilterBody();
  body["response_format"] = {{"type", "json_object"}};
  EXPECT_EQ(Post(simulator, body, key).status, 200);

  body["model"] = "other";
  const Reply model = Post(simulator, body, key);
  EXPECT_EQ(model.status, 404);
  EXPECT_EQ(json::parse(model.body)["error"]["code"], "model_not_found");

  const Reply length = Post(simulator, BodyOf(std::string(801, 'x'), ""), key);
  EXPECT_EQ(length.status, 400);
  EXPECT_EQ(json::parse(length.body)["error"]["code"], "context_length_exceeded");
  EXPECT_EQ(Post(simulator, BodyOf(std::string(800, 'x'), ""), key).status, 200);
}

TEST(SimulatorTest, LimitsRequestsAndTokens) {
  Options options = Fixed();
  options.requests_per_minute = 2;
  Simulator requests(options, nullptr);
  EXPECT_EQ(Post(requests, FilterBody()).status, 200);
  EXPECT_EQ(Post(requests, FilterBody()).status, 200);
  const Reply over = Post(requests, FilterBody());
  EXPECT_EQ(over.status, 429);
  ASSERT_EQ(over.headers.size(), 1U);
  EXPECT_EQ(over.headers[0].first, "Retry-After");
  EXPECT_EQ(over.headers[0].second, "30");

  options.requests_per_minute = 0;
  options.tokens_per_minute = 100;
  Simulator tokens(std::move(options), nullptr);
  EXPECT_EQ(Post(tokens, FilterBody()).status, 200);
  EXPECT_EQ(Post(tokens, FilterBody()).status, 429);
}

TEST(SimulatorTest, CountsRequestsUntilTheirReplyHasLeft) {
  Options options = Fixed();
  options.max_concurrency = 1;
  Simulator simulator(std::move(options), nullptr);
  {
    const Reply served = Post(simulator, FilterBody());
    EXPECT_EQ(served.status, 200);
    EXPECT_EQ(Post(simulator, FilterBody()).status, 503);
  }
  EXPECT_EQ(Post(simulator, FilterBody()).status, 200);
}

TEST(SimulatorTest, ReportsWhatThePrefixCacheHeld) {
  Options options = Fixed();
  options.prefix_cache_tokens = 1000;
  Simulator simulator(std::move(options), nullptr);
  const auto cached = [&](const char* task) {
    const Reply reply = Post(simulator, BodyOf(PromptOf(kBoron, task), "quern_filter"));
    return json::parse(reply.body)["usage"]["prompt_tokens_details"]["cached_tokens"].get<int>();
  };
  EXPECT_EQ(cached("one"), 0);
  EXPECT_EQ(cached("two"), static_cast<int>(PromptOf(kBoron, "").size() / 64 * 16));
}

TEST(SimulatorTest, CutsAReplyAtTheTokensThatItMayHave) {
  Simulator simulator(Fixed(), nullptr);
  json body = FilterBody();
  body["max_tokens"] = 5;
  const Reply reply = Post(simulator, body);
  EXPECT_EQ(json::parse(reply.body)["choices"][0]["finish_reason"], "length");
  EXPECT_EQ(MessageOf(reply)["content"], std::string(kAnswer).substr(0, 20));
}

TEST(SimulatorFaultTest, AnswersWithTheStatusesOfServers) {
  const std::map<std::string, int> kStatuses = {{"429", 429},      {"429-retry-after-2", 429},
                                                {"429-long", 429}, {"quota", 429},
                                                {"400", 400},      {"401", 401},
                                                {"402", 402},      {"403", 403},
                                                {"404", 404},      {"422", 422},
                                                {"500", 500},      {"502", 502},
                                                {"503", 503},      {"504", 504},
                                                {"529", 529},      {"redirect", 307}};
  for (const auto& [name, status] : kStatuses) EXPECT_EQ(WithFault(name).status, status) << name;
  EXPECT_EQ(WithFault("429-retry-after-2").headers[0].second, "2");
  EXPECT_EQ(WithFault("429-long").headers[0].second, "100000");
  EXPECT_TRUE(WithFault("429").headers.empty());
  EXPECT_EQ(json::parse(WithFault("quota").body)["error"]["code"], "insufficient_quota");
  EXPECT_EQ(WithFault("redirect").headers[0].first, "Location");
}

TEST(SimulatorFaultTest, BreaksTheConnection) {
  EXPECT_EQ(WithFault("hang").ending, Ending::kHang);
  EXPECT_EQ(WithFault("close").ending, Ending::kClose);
  EXPECT_EQ(WithFault("reset").ending, Ending::kReset);
}

TEST(SimulatorFaultTest, AnswersWithWhatIsNoCompletion) {
  EXPECT_EQ(WithFault("empty").body, "");
  EXPECT_THAT(WithFault("html").body, HasSubstr("<html>"));
  EXPECT_EQ(WithFault("error-object").status, 200);
  EXPECT_TRUE(json::parse(WithFault("error-object").body).contains("error"));
  EXPECT_TRUE(json::parse(WithFault("no-choices").body)["choices"].empty());
  EXPECT_TRUE(MessageOf(WithFault("null-content"))["content"].is_null());
  EXPECT_GT(WithFault("too-large").body.size(), 20U << 20);
  EXPECT_FALSE(json::accept(WithFault("bad-utf8").body));
}

TEST(SimulatorFaultTest, SpoilsCompletions) {
  const Reply length = WithFault("length");
  EXPECT_EQ(json::parse(length.body)["choices"][0]["finish_reason"], "length");
  EXPECT_FALSE(json::accept(MessageOf(length)["content"].get<std::string>()));
  EXPECT_FALSE(json::accept(MessageOf(WithFault("malformed"))["content"].get<std::string>()));
  EXPECT_EQ(json::parse(MessageOf(WithFault("wrong-schema"))["content"].get<std::string>())["deep"], "yes");
  EXPECT_EQ(json::parse(WithFault("content-filter").body)["choices"][0]["finish_reason"], "content_filter");
  EXPECT_TRUE(MessageOf(WithFault("refusal"))["refusal"].is_string());
  EXPECT_EQ(MessageOf(WithFault("tool-calls"))["tool_calls"].size(), 1U);
  EXPECT_FALSE(json::parse(WithFault("no-usage").body).contains("usage"));
  EXPECT_NE(json::parse(WithFault("other-model").body)["model"], "m");
  EXPECT_GE(WithFault("absurd-rate-headers").headers.size(), 3U);
}

TEST(SimulatorFaultTest, KeepsUnusualCompletionsValid) {
  EXPECT_EQ(MessageOf(WithFault("fenced"))["content"], std::string("```json\n") + kAnswer + "\n```");
  const std::string think = MessageOf(WithFault("think"))["content"];
  EXPECT_EQ(think.rfind("<think>", 0), 0U);
  EXPECT_EQ(think.substr(think.size() - std::string(kAnswer).size()), kAnswer);
  EXPECT_EQ(MessageOf(WithFault("reasoning"))["content"], kAnswer);
  EXPECT_FALSE(MessageOf(WithFault("reasoning"))["reasoning_content"].get<std::string>().empty());
}

}  // namespace
}  // namespace quern::simulator

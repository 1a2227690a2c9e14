// What becomes of one call: which answers of a server are tried again, how often, and whose fault the last one is.
#include "common/llm/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <nlohmann/json.hpp>

#include "absl/time/clock.h"
#include "tests/unit/common/llm/client_calls.h"

namespace quern::llm {
namespace {

using ::quern::testing::CompletionBody;
using ::quern::testing::ErrorResponse;
using ::quern::testing::HttpServer;
using ::quern::testing::JobAsking;
using ::quern::testing::UnusedPort;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;
using Response = HttpServer::Response;
using Request = HttpServer::Request;

const ReplySchema kTestSchema = {"test",
                                 R"({"type":"object","properties":{},"required":[],"additionalProperties":false})"};

// A server, and a client that asks its model; what a request's number is answered with comes from the test.
class ClientTest : public ::testing::Test {
 protected:
  void Serve(HttpServer::Handler handler) {
    server_ = std::make_unique<HttpServer>([this, handler = std::move(handler)](const Request& request) {
      {
        absl::MutexLock lock(&mutex_);
        times_.push_back(absl::Now());
        bodies_.push_back(request.body);
        traceparents_.emplace_back(request.Header("traceparent"));
      }
      return handler(request);
    });
    job_ = JobAsking({server_->url() + "/v1"});
  }
  v1::ModelSpec* model() { return job_.mutable_models(0); }
  std::shared_ptr<Client> client() { return ClientOf(&hub_, job_); }
  std::vector<absl::Time> times() {
    absl::MutexLock lock(&mutex_);
    return times_;
  }
  std::vector<nlohmann::json> bodies() {
    absl::MutexLock lock(&mutex_);
    std::vector<nlohmann::json> bodies;
    for (const std::string& body : bodies_) bodies.push_back(nlohmann::json::parse(body));
    return bodies;
  }

  absl::Mutex mutex_;
  std::vector<absl::Time> times_;
  std::vector<std::string> bodies_;
  std::vector<std::string> traceparents_;
  std::unique_ptr<HttpServer> server_;
  v1::JobSpec job_;
  TestLedger ledger_;
  Hub hub_{&ledger_, nullptr};
};

Response Answered(std::string_view text = "4") { return Response(CompletionBody(text)); }

Response Later(int status, std::string retry_after) {
  Response response = ErrorResponse(status, "slow down");
  response.headers = {{"Retry-After", std::move(retry_after)}};
  return response;
}

TEST_F(ClientTest, ACompletionTellsModelTokensAndCost) {
  Serve([](const Request&) { return Answered(); });
  model()->mutable_price()->set_input(2);
  model()->mutable_price()->set_output(10);
  const Result result = AskOnce(*client());
  const auto& completion = std::get<Completion>(result);
  EXPECT_EQ(completion.text, "4");
  EXPECT_EQ(completion.asked, "m");
  EXPECT_EQ(completion.model, "qwen-served");
  EXPECT_EQ(completion.usage.input, 10u);
  EXPECT_EQ(completion.usage.output, 5u);
  EXPECT_DOUBLE_EQ(completion.cost, 70e-6);
  EXPECT_EQ(bodies().at(0)["model"], "qwen");
  EXPECT_EQ(bodies().at(0)["max_tokens"], 100);
  EXPECT_EQ(bodies().at(0)["messages"][0]["content"], "2 + 2?");
  EXPECT_EQ(ledger_.who(), "job generator m");
  EXPECT_EQ(ledger_.total().calls(), 1u);
  EXPECT_EQ(ledger_.total().retries(), 0u);
  EXPECT_DOUBLE_EQ(ledger_.total().cost(), 70e-6);
}

TEST_F(ClientTest, NothingIsSentBeforeRetryAfterEndsAndNoCallFailsForIt) {
  Serve([](const Request& request) { return request.number == 0 ? Later(429, "1") : Answered(); });
  model()->set_max_retries(0);
  // One at a time: the others are about to be sent when the server asks to wait.
  model()->set_max_concurrency(1);
  EXPECT_THAT(TextsOrReasons(AskMany(*client(), 5)), Each("4"));
  const std::vector<absl::Time> sent = times();
  ASSERT_EQ(sent.size(), 6u);
  EXPECT_GE(sent[1] - sent[0], absl::Seconds(1));
  EXPECT_EQ(ledger_.total().retries(), 1u);
  EXPECT_EQ(ledger_.total().calls(), 5u);
}

TEST_F(ClientTest, EachRequestIsASpanOfTheCallsTrace) {
  Serve([](const Request& request) { return request.number == 0 ? ErrorResponse(500, "oops") : Answered(); });
  ChatRequest request = Question();
  request.trace.trace_id = "4bf92f3577b34da6a3ce929d0e0e4736";
  EXPECT_EQ(TextOrReason(AskOnce(*client(), request)), "4");
  ASSERT_EQ(traceparents_.size(), 2u);
  for (const std::string& value : traceparents_) {
    EXPECT_THAT(value, MatchesRegex("00-4bf92f3577b34da6a3ce929d0e0e4736-[0-9a-f]{16}-01"));
  }
  EXPECT_NE(traceparents_[0], traceparents_[1]);
  EXPECT_EQ(bodies()[0], bodies()[1]);
  EXPECT_THAT(bodies()[0].dump(), Not(HasSubstr("4bf92f35")));
}

TEST_F(ClientTest, ATracesRequestsSayWhetherItIsRecorded) {
  Serve([](const Request&) { return Answered(); });
  ChatRequest request = Question();
  request.trace = {"4bf92f3577b34da6a3ce929d0e0e4736", false};
  AskOnce(*client(), request);
  // No trace; and a header of the spec's own.
  AskOnce(*client(), Question());
  (*model()->mutable_headers())["TraceParent"] = "mine";
  AskOnce(*client(), request);
  EXPECT_THAT(traceparents_, ElementsAre(MatchesRegex("00-.*-00"), "", "mine"));
}

TEST_F(ClientTest, WhatWasSpentIncludesRepliesThatCouldNotBeUsed) {
  Serve([](const Request& request) {
    if (request.number == 0) return Response(CompletionBody("The ans", "length"));
    return request.number == 1 ? ErrorResponse(500, "oops") : Answered();
  });
  model()->mutable_price()->set_output(10);
  const Result result = AskOnce(*client());
  const Spent& spent = std::get<Completion>(result).spent;
  EXPECT_EQ(spent.calls, 2u);
  EXPECT_EQ(spent.usage.input, 20u);
  EXPECT_EQ(spent.usage.output, 10u);
  EXPECT_DOUBLE_EQ(spent.cost, ledger_.total().cost());
  EXPECT_EQ(spent.calls, ledger_.total().calls());

  Serve([](const Request&) { return Response(CompletionBody("The ans", "length")); });
  const Result cut = AskOnce(*client());
  EXPECT_EQ(std::get<Failure>(cut).spent.calls, 2u);
  EXPECT_EQ(std::get<Failure>(cut).spent.usage.output, 10u);
}

TEST_F(ClientTest, OverloadCostsNoTriesHoweverOftenItComes) {
  Serve([](const Request& request) { return request.number < 2 ? ErrorResponse(503, "busy") : Answered(); });
  model()->set_max_retries(0);
  EXPECT_EQ(TextOrReason(AskOnce(*client())), "4");
  EXPECT_EQ(server_->requests(), 3);
}

TEST_F(ClientTest, ServersFaultsAreTriedAgain) {
  Serve([](const Request& request) { return request.number < 2 ? ErrorResponse(500, "oops") : Answered(); });
  EXPECT_EQ(TextOrReason(AskOnce(*client())), "4");
  EXPECT_EQ(ledger_.total().retries(), 2u);
  EXPECT_EQ(ledger_.total().calls(), 1u);
  EXPECT_EQ(ledger_.total().ambiguous_calls(), 0u);
}

TEST_F(ClientTest, TheItemFailsAfterTheLastTry) {
  Serve([](const Request&) { return ErrorResponse(500, "oops"); });
  model()->set_max_retries(1);
  const Result result = AskOnce(*client());
  EXPECT_EQ(TextOrReason(result), "HTTP_500");
  EXPECT_EQ(std::get<Failure>(result).whose, Failure::Whose::kItem);
  EXPECT_FALSE(std::get<Failure>(result).final);
  EXPECT_EQ(server_->requests(), 2);
  EXPECT_EQ(ledger_.total().retries(), 1u);
  EXPECT_EQ(ledger_.total().calls(), 0u);
}

TEST_F(ClientTest, LostConnectionsCountAsAmbiguous) {
  Serve([](const Request& request) {
    return request.number == 0 ? Response(Response::Manner::kResetMidBody) : Answered();
  });
  EXPECT_EQ(TextOrReason(AskOnce(*client())), "4");
  EXPECT_EQ(ledger_.total().ambiguous_calls(), 1u);
  EXPECT_EQ(ledger_.total().retries(), 1u);
}

TEST_F(ClientTest, ATimeoutAfterSendingIsAmbiguous) {
  Serve([](const Request&) { return Response(Response::Manner::kNever); });
  model()->set_max_retries(0);
  model()->mutable_timeout()->set_seconds(0);
  model()->mutable_timeout()->set_nanos(200'000'000);
  EXPECT_EQ(TextOrReason(AskOnce(*client())), "TIMED_OUT");
  EXPECT_EQ(ledger_.total().ambiguous_calls(), 1u);
  EXPECT_EQ(ledger_.total().calls(), 0u);
}

TEST_F(ClientTest, AContextThatIsTooLongIsFinalAndSentOnce) {
  Serve([](const Request&) { return ErrorResponse(400, "This model's maximum context length is 10 tokens"); });
  const Result result = AskOnce(*client());
  EXPECT_EQ(TextOrReason(result), "CONTEXT_TOO_LONG");
  EXPECT_EQ(std::get<Failure>(result).whose, Failure::Whose::kItem);
  EXPECT_TRUE(std::get<Failure>(result).final);
  EXPECT_EQ(server_->requests(), 1);
}

TEST_F(ClientTest, ACutReplyIsAskedForOnceMoreWithTwiceTheTokens) {
  Serve([](const Request& request) {
    return request.number == 0 ? Response(CompletionBody("The ans", "length")) : Answered();
  });
  EXPECT_EQ(TextOrReason(AskOnce(*client())), "4");
  ASSERT_EQ(bodies().size(), 2u);
  EXPECT_EQ(bodies()[0]["max_tokens"], 100);
  EXPECT_EQ(bodies()[1]["max_tokens"], 200);
  EXPECT_EQ(ledger_.total().calls(), 2u) << "both were answered, and cost money";
  EXPECT_EQ(ledger_.total().output_tokens(), 10u);
  EXPECT_EQ(ledger_.total().retries(), 1u);
}

TEST_F(ClientTest, AReplyThatIsCutTwiceIsTruncated) {
  Serve([](const Request&) { return Response(CompletionBody("The ans", "length")); });
  const Result result = AskOnce(*client());
  EXPECT_EQ(TextOrReason(result), "TRUNCATED");
  EXPECT_EQ(std::get<Failure>(result).whose, Failure::Whose::kItem);
  EXPECT_EQ(std::get<Failure>(result).text, "The ans");
  EXPECT_EQ(std::get<Failure>(result).finish_reason, "length");
  EXPECT_THAT(std::string(std::get<Failure>(result).status.message()), HasSubstr("200 tokens"));
  EXPECT_EQ(server_->requests(), 2);
}

// A server that knows only these forms of response_format ("" for none).
HttpServer::Handler Knowing(std::vector<std::string> forms) {
  return [forms](const Request& request) {
    const auto body = nlohmann::json::parse(request.body);
    const std::string form = body.contains("response_format") ? body["response_format"]["type"] : "";
    if (std::find(forms.begin(), forms.end(), form) != forms.end()) return Answered(form.empty() ? "text" : form);
    return ErrorResponse(400, "response_format of this type is not supported");
  };
}

ChatRequest ForAnObject() {
  ChatRequest request = Question();
  request.schema = &kTestSchema;
  return request;
}

TEST_F(ClientTest, AFormThatTheServerRefusesIsReplacedByALaxerOneForGood) {
  for (const auto& [forms, found, requests] : std::vector<std::tuple<std::vector<std::string>, std::string, int>>{
           {{"json_schema", "json_object", ""}, "json_schema", 1},
           {{"json_object", ""}, "json_object", 2},
           {{""}, "text", 3}}) {
    Serve(Knowing(forms));
    model()->set_max_retries(0);
    EXPECT_EQ(TextOrReason(AskOnce(*client(), ForAnObject())), found);
    EXPECT_EQ(server_->requests(), requests);
    EXPECT_EQ(TextOrReason(AskOnce(*client(), ForAnObject())), found);
    EXPECT_EQ(server_->requests(), requests + 1) << "it is remembered, also for other clients of the model";
  }
}

TEST_F(ClientTest, AFormThatTheSpecDemandsIsNotReplaced) {
  Serve(Knowing({"json_object", ""}));
  model()->set_structured_output(v1::STRUCTURED_OUTPUT_JSON_SCHEMA);
  const Result result = AskOnce(*client(), ForAnObject());
  EXPECT_EQ(TextOrReason(result), "PARAMETER_UNSUPPORTED");
  EXPECT_EQ(std::get<Failure>(result).whose, Failure::Whose::kJob);
  EXPECT_EQ(server_->requests(), 1);
}

TEST_F(ClientTest, AnotherFieldThatIsRefusedIsForAPersonAndCostsNoSchema) {
  Serve([](const Request& request) {
    if (request.number == 0) return ErrorResponse(400, "Unsupported parameter: 'temperature'");
    return Knowing({"json_schema"})(request);
  });
  const Result result = AskOnce(*client(), ForAnObject());
  EXPECT_EQ(TextOrReason(result), "PARAMETER_UNSUPPORTED");
  EXPECT_EQ(std::get<Failure>(result).whose, Failure::Whose::kJob);
  EXPECT_THAT(std::string(std::get<Failure>(result).status.message()), HasSubstr("temperature"));
  EXPECT_EQ(TextOrReason(AskOnce(*client(), ForAnObject())), "json_schema");
}

TEST_F(ClientTest, SendsTheSpecsHeadersAndTheKeyWhereTheServerWantsIt) {
  Serve([](const Request& request) {
    if (request.Header("X-Title") != "quern") return ErrorResponse(418, "no title");
    if (request.Header("api-key") != "sk-test-0123456789") return ErrorResponse(418, "no key");
    return request.Header("Authorization").empty() ? Answered() : ErrorResponse(418, "too much");
  });
  setenv("QUERN_TEST_KEY", "sk-test-0123456789", 1);
  model()->set_api_key_env("QUERN_TEST_KEY");
  model()->set_api_key_header("api-key");
  (*model()->mutable_headers())["X-Title"] = "quern";
  EXPECT_EQ(TextOrReason(AskOnce(*client())), "4");
}

TEST_F(ClientTest, ARefusedKeyThatWasNeverGivenIsToldSo) {
  Serve([](const Request&) { return ErrorResponse(401, "who are you?"); });
  const Result result = AskOnce(*client());
  EXPECT_EQ(TextOrReason(result), "KEY_REFUSED");
  EXPECT_THAT(std::string(std::get<Failure>(result).status.message()), HasSubstr("no key was sent"));
}

TEST_F(ClientTest, ARefusalIsFinalOnlyFromAServerThatHasAnsweredBefore) {
  Serve([](const Request& request) { return request.number == 1 ? Answered() : ErrorResponse(400, "no"); });
  const auto asking = client();
  EXPECT_FALSE(std::get<Failure>(AskOnce(*asking)).final);
  EXPECT_EQ(TextOrReason(AskOnce(*asking)), "4");
  EXPECT_TRUE(std::get<Failure>(AskOnce(*asking)).final);
}

TEST_F(ClientTest, ASpentBudgetIsTheJobsFaultAndNothingIsSent) {
  Serve([](const Request&) { return Answered(); });
  ledger_.AnswerCheck(MakeError(absl::StatusCode::kResourceExhausted, "BUDGET_SPENT", "spent 3.00 of its 3.00 USD"));
  for (const Result& result : AskMany(*client(), 3)) {
    EXPECT_EQ(TextOrReason(result), "BUDGET_SPENT");
    EXPECT_EQ(std::get<Failure>(result).whose, Failure::Whose::kJob);
  }
  EXPECT_EQ(server_->requests(), 0);
  ledger_.AnswerCheck(absl::OkStatus());
  EXPECT_EQ(TextOrReason(AskOnce(*client())), "4") << "no place was lost";
}

TEST_F(ClientTest, CallsWaitWhileThoseUnderWayMayTakeTheRestOfTheBudget) {
  Serve([](const Request&) { return Answered(); });
  ledger_.MakeRoom(2);
  for (const Result& result : AskMany(*client(), 8)) EXPECT_EQ(TextOrReason(result), "4");
  EXPECT_GT(ledger_.turned_away(), 0);
  EXPECT_EQ(ledger_.reserved(), 0) << "what is reserved is released";
}

TEST_F(ClientTest, ACallReservesTwiceWhatCallsTakeOnceThatIsKnown) {
  Serve([](const Request&) { return Answered(); });
  ChatRequest question = Question();
  question.task = std::string(1000, 'x');
  const auto asking = client();
  AskOnce(*asking, question);
  const v1::ModelUsage unknown = ledger_.most();
  EXPECT_EQ(unknown.input_tokens(), 500u);
  EXPECT_EQ(unknown.output_tokens(), job_.generator().llm().sampling().max_tokens());
  const uint64_t calls_before = ledger_.total().calls(), output_before = ledger_.total().output_tokens();
  for (int i = 0; i < 100; ++i) AskOnce(*asking, question);
  const double output = static_cast<double>(ledger_.total().output_tokens() - output_before) /
                        static_cast<double>(ledger_.total().calls() - calls_before);
  EXPECT_LT(ledger_.most().output_tokens(), unknown.output_tokens());
  EXPECT_GE(ledger_.most().output_tokens(), 2 * output);
}

TEST_F(ClientTest, ACallThatIsMadeLongerReservesAllThatItMayAnswer) {
  std::atomic<bool> cuts = false;
  Serve([&](const Request&) { return cuts.exchange(false) ? Response(CompletionBody("cut", "length")) : Answered(); });
  const auto asking = client();
  for (int i = 0; i < 60; ++i) AskOnce(*asking);
  const uint64_t max_tokens = job_.generator().llm().sampling().max_tokens();
  EXPECT_LT(ledger_.most().output_tokens(), max_tokens);
  cuts = true;
  EXPECT_EQ(TextOrReason(AskOnce(*asking)), "4");
  EXPECT_EQ(ledger_.most().output_tokens(), 2 * max_tokens);
}

// While its calls wait for the account's pace, others spend all of it.
class SpendingLimits : public RateLimits {
 public:
  explicit SpendingLimits(TestLedger* ledger) : ledger_(ledger) {}
  absl::StatusOr<Granted> Take(const RateAccount&, absl::Span<const uint64_t> tokens, int64_t) override {
    ledger_->AnswerCheck(MakeError(absl::StatusCode::kResourceExhausted, "BUDGET_SPENT", "spent 3.00 of its 3.00 USD"));
    return Granted{tokens.size(), absl::ZeroDuration()};
  }

 private:
  TestLedger* const ledger_;
};

TEST_F(ClientTest, ABudgetThatIsSpentDuringTheWaitForPaceIsHeeded) {
  Serve([](const Request&) { return Answered(); });
  model()->set_requests_per_minute(60);
  SpendingLimits limits(&ledger_);
  Hub hub(&ledger_, nullptr, &limits);
  EXPECT_EQ(TextOrReason(AskOnce(*ClientOf(&hub, job_))), "BUDGET_SPENT");
  EXPECT_EQ(server_->requests(), 0);
  EXPECT_EQ(ledger_.reserved(), 0);
}

TEST_F(ClientTest, AnUnknownBudgetIsWaitedFor) {
  Serve([](const Request&) { return Answered(); });
  ledger_.AnswerCheck(MakeError(absl::StatusCode::kUnavailable, "REDIS_AWAY", "Redis is away"));
  const Result result = AskOnce(*client());
  EXPECT_EQ(std::get<Failure>(result).whose, Failure::Whose::kEnvironment);
  EXPECT_EQ(server_->requests(), 0);
  ChatRequest rpc = Question();
  rpc.job = "";
  EXPECT_EQ(TextOrReason(AskOnce(*client(), rpc)), "4") << "what no job pays for needs no budget";
  EXPECT_EQ(ledger_.who(), "") << "and is in no account";
}

TEST_F(ClientTest, AJobWithoutModelsOrKeysIsRefused) {
  Serve([](const Request&) { return Answered(); });
  v1::StageModel none;
  EXPECT_EQ(ErrorReason(Client::Make(&hub_, job_, none).status()), "INVALID_SPEC");
  model()->set_api_key_env("QUERN_TEST_NO_SUCH_VARIABLE");
  const absl::Status no_key = Client::Make(&hub_, job_, job_.generator().llm()).status();
  EXPECT_EQ(ErrorReason(no_key), "INVALID_SPEC");
  EXPECT_THAT(std::string(no_key.message()), HasSubstr("QUERN_TEST_NO_SUCH_VARIABLE"));
}

TEST_F(ClientTest, AuthoritiesThatAreNoFileAreAMistakeOfTheSpec) {
  Serve([](const Request&) { return Answered(); });
  model()->set_ca_file("/no/such/authorities.pem");
  const absl::Status status = Client::Make(&hub_, job_, job_.generator().llm()).status();
  EXPECT_EQ(ErrorReason(status), "INVALID_SPEC");
  EXPECT_THAT(std::string(status.message()), HasSubstr("ca_file: cannot read /no/such/authorities.pem"));
}

TEST_F(ClientTest, ARefusedConnectionIsWaitedForUntilSomebodyListens) {
  const uint16_t port = UnusedPort();
  job_ = JobAsking({"http://127.0.0.1:" + std::to_string(port) + "/v1"});
  model()->set_max_retries(0);
  std::unique_ptr<HttpServer> late;
  std::thread starter([&] {
    // Not before the calls were refused so often that the breaker is open.
    const auto down = [&] { return !hub_.endpoints().empty() && hub_.endpoints()[0]->down(); };
    for (const absl::Time until = absl::Now() + absl::Seconds(30); !down() && absl::Now() < until;) {
      absl::SleepFor(absl::Milliseconds(1));
    }
    late = std::make_unique<HttpServer>([](const Request&) { return Answered(); }, port);
  });
  // More than it takes to open the breaker.
  const std::vector<Result> results = AskMany(*client(), 10);
  starter.join();
  EXPECT_THAT(TextsOrReasons(results), Each("4"));
  EXPECT_EQ(late->requests(), 10);
  EXPECT_EQ(ledger_.total().calls(), 10u);
  EXPECT_EQ(ledger_.total().ambiguous_calls(), 0u) << "nothing was sent";
}

}  // namespace
}  // namespace quern::llm

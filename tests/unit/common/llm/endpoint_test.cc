// What all calls to one server have in common: how many there are at once, what makes them wait or fail together, and
// which of several servers they go to.
#include "common/llm/endpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <set>

#include "absl/time/clock.h"
#include "tests/unit/common/llm/client_calls.h"

namespace quern::llm {
namespace {

using ::quern::testing::CompletionBody;
using ::quern::testing::ErrorResponse;
using ::quern::testing::HttpServer;
using ::quern::testing::JobAsking;
using ::quern::testing::RunAll;
using ::quern::testing::UnusedPort;
using ::testing::Contains;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;
using Response = HttpServer::Response;
using Request = HttpServer::Request;

constexpr char kCanaryKey[] = "sk-canary-0123456789abcdef";

Response Fine() { return Response(CompletionBody("4")); }

Response FineAfter(absl::Duration delay) {
  Response response = Fine();
  response.delay = delay;
  return response;
}

v1::JobSpec JobOf(const HttpServer& server) { return JobAsking({server.url() + "/v1"}); }

void WaitFor(const std::function<bool()>& holds, const char* what) {
  const absl::Time end = absl::Now() + absl::Seconds(20);
  while (!holds()) {
    ASSERT_LT(absl::Now(), end) << what;
    absl::SleepFor(absl::Milliseconds(5));
  }
}

TEST(EndpointTest, NoMoreCallsAreInFlightThanTheSpecAllows) {
  HttpServer server([](const Request&) { return FineAfter(absl::Milliseconds(20)); });
  Hub hub(nullptr, nullptr);
  v1::JobSpec job = JobOf(server);
  job.mutable_models(0)->set_max_concurrency(4);
  // Two clients of one model, as two jobs have them, share its places.
  const auto one = ClientOf(&hub, job);
  const auto other = ClientOf(&hub, job);
  std::vector<boost::asio::awaitable<Result>> calls;
  for (int i = 0; i < 20; ++i) {
    calls.push_back(Complete(one.get(), Question()));
    calls.push_back(Complete(other.get(), Question()));
  }
  EXPECT_THAT(TextsOrReasons(RunAll(std::move(calls))), Each("4"));
  EXPECT_EQ(server.most_at_once(), 4);
  ASSERT_EQ(hub.endpoints().size(), 1u);
  EXPECT_EQ(hub.endpoints()[0]->slots().in_use(), 0u);
}

// A server that takes a key or not, and a job that has it from its environment.
class RefusedKeyTest : public ::testing::Test {
 protected:
  RefusedKeyTest() {
    setenv("QUERN_TEST_KEY", kCanaryKey, 1);
    job_.mutable_models(0)->set_api_key_env("QUERN_TEST_KEY");
    job_.mutable_models(0)->set_max_concurrency(4);
  }

  void ExpectForAPerson(const std::vector<Result>& results) {
    for (const Result& result : results) {
      EXPECT_EQ(TextOrReason(result), "KEY_REFUSED");
      const auto& failure = std::get<Failure>(result);
      EXPECT_EQ(failure.whose, Failure::Whose::kJob);
      EXPECT_THAT(failure.status.ToString(), Not(HasSubstr("canary")));
      EXPECT_THAT(failure.status.ToString(), HasSubstr("qwen")) << "names the endpoint";
    }
  }

  std::atomic<bool> valid_ = false;
  HttpServer server_{[this](const Request& request) {
    if (request.Header("Authorization") != std::string("Bearer ") + kCanaryKey) return ErrorResponse(418, "no key");
    if (valid_) return FineAfter(absl::Milliseconds(50));
    // As older LiteLLM does.
    Response refused = ErrorResponse(401, std::string("Incorrect API key provided: ") + kCanaryKey);
    refused.delay = absl::Milliseconds(20);
    return refused;
  }};
  v1::JobSpec job_ = JobOf(server_);
  Hub hub_{nullptr, nullptr};
};

TEST_F(RefusedKeyTest, FailsAllCallsAfterAFewRequests) {
  const auto client = ClientOf(&hub_, job_);
  ExpectForAPerson(AskMany(*client, 50));
  EXPECT_LE(server_.requests(), 4) << "those that were in flight";
  const int sent = server_.requests();
  ExpectForAPerson(AskMany(*client, 10));
  EXPECT_EQ(server_.requests(), sent) << "later ones are not sent";
}

TEST_F(RefusedKeyTest, IsLookedAtAgainByASingleCall) {
  const auto client = ClientOf(&hub_, job_);
  ExpectForAPerson(AskMany(*client, 1));
  absl::SleepFor(absl::Milliseconds(2050));
  ExpectForAPerson(AskMany(*client, 20));
  EXPECT_EQ(server_.requests(), 2);
}

TEST_F(RefusedKeyTest, FailsNoCallOnceItIsMended) {
  const auto client = ClientOf(&hub_, job_);
  ExpectForAPerson(AskMany(*client, 1));
  valid_ = true;
  absl::SleepFor(absl::Milliseconds(2050));
  // Those that come while the first one looks wait for it: failing, they would pause the job that was just resumed.
  EXPECT_THAT(TextsOrReasons(AskMany(*client, 20)), Each("4"));
}

TEST(EndpointTest, ARenewedKeyFileIsReadByTheCallThatLooksAgain) {
  HttpServer server([](const Request& request) {
    return request.Header("Authorization") == "Bearer new" ? Fine() : ErrorResponse(401, "no");
  });
  const std::string file = ::testing::TempDir() + "/quern_endpoint_test_key";
  std::ofstream(file) << "old\n";
  v1::JobSpec job = JobOf(server);
  job.mutable_models(0)->set_api_key_file(file);
  Hub hub(nullptr, nullptr);
  const auto client = ClientOf(&hub, job);
  EXPECT_EQ(TextOrReason(AskOnce(*client)), "KEY_REFUSED");
  std::ofstream(file) << "new\n";
  absl::SleepFor(absl::Milliseconds(2050));
  EXPECT_EQ(TextOrReason(AskOnce(*client)), "4");
  EXPECT_EQ(server.requests(), 2);
  std::remove(file.c_str());
}

// A spec names both the file and the server that gets what stands in it.
TEST(EndpointTest, WhatIsNoKeyIsNotSent) {
  HttpServer server([](const Request&) { return Fine(); });
  const std::string file = ::testing::TempDir() + "/quern_endpoint_test_secrets";
  v1::JobSpec job = JobOf(server);
  job.mutable_models(0)->set_api_key_file(file);
  Hub hub(nullptr, nullptr);
  for (const char* content : {"submit ann secret-0123456789\n", "secret-1\nsecret-2\n", "sch\xc3\xbcssel", " \n"}) {
    std::ofstream(file) << content;
    const absl::Status refused = Client::Make(&hub, job, job.generator().llm()).status();
    EXPECT_EQ(ErrorReason(refused), "INVALID_SPEC") << content;
    EXPECT_THAT(std::string(refused.message()), Not(HasSubstr("secret-"))) << content;
  }
  std::remove(file.c_str());
  job.mutable_models(0)->clear_api_key_file();
  job.mutable_models(0)->set_api_key_env("QUERN_REDIS_URL");
  EXPECT_EQ(ErrorReason(Client::Make(&hub, job, job.generator().llm()).status()), "INVALID_SPEC");
  EXPECT_EQ(server.requests(), 0);
}

// Whoever may write specs must not have other secrets of the machine sent to a server of theirs.
TEST(EndpointTest, AKeyOutsideOfTheFolderForKeysIsNotSent) {
  HttpServer server([](const Request& request) {
    return request.Header("Authorization") == "Bearer good" ? Fine() : ErrorResponse(401, "no");
  });
  const std::filesystem::path root = std::filesystem::path(::testing::TempDir()) / "quern_endpoint_test_keys";
  std::filesystem::create_directories(root / "keys" / "..data");
  std::ofstream(root / "password") << "secret-word\n";
  std::ofstream(root / "keys" / "..data" / "model") << "good\n";
  // As Kubernetes lays out a secret, and as somebody might who can write there.
  std::filesystem::create_symlink("..data/model", root / "keys" / "model");
  std::filesystem::create_symlink(root / "password", root / "keys" / "link");
  std::filesystem::create_symlink(root / "keys", root / "mounted");
  const std::string key_dir = root / "mounted";
  Hub hub(nullptr, nullptr, nullptr, nullptr, nullptr, key_dir);
  v1::JobSpec job = JobOf(server);
  for (const char* file : {"password", "mounted/../password", "mounted/link", "mounted/none", "mounted", "keysmith"}) {
    job.mutable_models(0)->set_api_key_file(root / file);
    const absl::Status refused = Client::Make(&hub, job, job.generator().llm()).status();
    EXPECT_EQ(ErrorReason(refused), "INVALID_SPEC") << file;
    EXPECT_THAT(std::string(refused.message()), Not(HasSubstr("secret-word"))) << file;
  }
  job.mutable_models(0)->clear_api_key_file();
  job.mutable_models(0)->set_api_key_env("HOME");
  EXPECT_EQ(ErrorReason(Client::Make(&hub, job, job.generator().llm()).status()), "INVALID_SPEC");
  EXPECT_EQ(server.requests(), 0);
  job.mutable_models(0)->clear_api_key_env();
  job.mutable_models(0)->set_api_key_file(key_dir + "/model");
  EXPECT_EQ(TextOrReason(AskOnce(*ClientOf(&hub, job))), "4");
  std::filesystem::remove_all(root);
}

TEST(EndpointTest, ARetryAfterBeyondTwoMinutesIsForAPersonAndHoldsNobodyBack) {
  HttpServer server([](const Request&) {
    Response response = ErrorResponse(429, "slow down");
    response.headers = {{"Retry-After", "7200"}};
    return response;
  });
  Hub hub(nullptr, nullptr);
  const auto client = ClientOf(&hub, JobOf(server));
  const absl::Time began = absl::Now();
  for (int i = 0; i < 2; ++i) {
    const Result result = AskOnce(*client);
    EXPECT_EQ(TextOrReason(result), "RATE_LIMITED");
    EXPECT_EQ(std::get<Failure>(result).whose, Failure::Whose::kJob);
  }
  EXPECT_LT(absl::Now() - began, absl::Seconds(2));
  EXPECT_EQ(server.requests(), 1);
}

TEST(EndpointTest, AStopTurnsAwayWhoWaitsAndLetsTheCallInFlightEnd) {
  std::atomic<bool> release = false;
  HttpServer server([&](const Request&) {
    Response response = Fine();
    response.until = [&] { return release.load(); };
    return response;
  });
  Hub hub(nullptr, nullptr);
  v1::JobSpec job = JobOf(server);
  job.mutable_models(0)->set_max_concurrency(1);
  const auto client = ClientOf(&hub, job);
  std::atomic<int> turned_away = 0;
  const auto count = [&](boost::asio::awaitable<Result> call) -> boost::asio::awaitable<Result> {
    Result result = co_await std::move(call);
    if (TextOrReason(result) == "DRAINING") ++turned_away;
    co_return result;
  };
  auto asking = std::async(std::launch::async, [&] {
    std::vector<boost::asio::awaitable<Result>> calls;
    for (int i = 0; i < 10; ++i) calls.push_back(count(Complete(client.get(), Question())));
    return RunAll(std::move(calls));
  });
  WaitFor([&] { return server.at_once() == 1; }, "a call is in flight");
  WaitFor([&] { return hub.endpoints()[0]->slots().load() == 10; }, "the others wait");
  hub.Stop();
  WaitFor([&] { return turned_away == 9; }, "those that wait are turned away while the other goes on");
  release = true;
  const std::vector<Result> results = asking.get();
  EXPECT_THAT(TextsOrReasons(results), Contains("4").Times(1));
  for (const Result& result : results) {
    if (const auto* failure = std::get_if<Failure>(&result)) {
      EXPECT_EQ(failure->whose, Failure::Whose::kEnvironment);
    }
  }
  EXPECT_EQ(TextOrReason(AskOnce(*client)), "DRAINING");
  EXPECT_EQ(TextOrReason(AskOnce(*ClientOf(&hub, JobAsking({server.url() + "/v2"})))), "DRAINING");
}

TEST(EndpointTest, AStopEndsTheWaitForAServerThatIsDown) {
  Hub hub(nullptr, nullptr);
  const auto client = ClientOf(&hub, JobAsking({"http://127.0.0.1:" + std::to_string(UnusedPort()) + "/v1"}));
  auto asking = std::async(std::launch::async, [&] { return AskMany(*client, 5); });
  WaitFor([&] { return !hub.endpoints().empty() && hub.endpoints()[0]->down(); }, "the breaker opens");
  hub.Stop();
  EXPECT_THAT(TextsOrReasons(asking.get()), Each("DRAINING"));
}

// Two servers of one model.
class ReplicasTest : public ::testing::Test {
 protected:
  // The documents of `count` that went to the first server.
  std::set<int> OnFirst(int count) {
    std::set<int> on_first;
    const auto client = ClientOf(&hub_, job_);
    for (int i = 0; i < count; ++i) {
      const int before = first_->requests();
      EXPECT_EQ(TextOrReason(AskOnce(*client, Question("document " + std::to_string(i)))), "4");
      if (first_->requests() > before) on_first.insert(i);
    }
    return on_first;
  }

  std::unique_ptr<HttpServer> first_ = std::make_unique<HttpServer>([](const Request&) { return Fine(); });
  std::unique_ptr<HttpServer> second_ = std::make_unique<HttpServer>([](const Request&) { return Fine(); });
  v1::JobSpec job_ = JobAsking({first_->url() + "/v1", second_->url() + "/v1"});
  Hub hub_{nullptr, nullptr};
};

TEST_F(ReplicasTest, CallsForADocumentGoToOneServer) {
  const std::set<int> documents = OnFirst(20);
  EXPECT_EQ(OnFirst(20), documents);
  EXPECT_GT(documents.size(), 2u);
  EXPECT_LT(documents.size(), 18u) << "both have documents";
}

TEST_F(ReplicasTest, DocumentsOfAServerThatIsDownGoToTheOther) {
  ASSERT_FALSE(OnFirst(20).empty());
  first_.reset();
  EXPECT_THAT(TextsOrReasons(AskMany(*ClientOf(&hub_, job_), 20)), Each("4"));
  EXPECT_GE(second_->requests(), 20);
}

TEST_F(ReplicasTest, NobodyWaitsForTheCallThatTriesAServer) {
  const uint16_t port = first_->port();
  const std::set<int> documents = OnFirst(20);
  ASSERT_FALSE(documents.empty());
  const std::string moved = "document " + std::to_string(*documents.begin());
  first_.reset();
  const auto client = ClientOf(&hub_, job_);
  std::vector<boost::asio::awaitable<Result>> calls;
  for (int i = 0; i < 3; ++i) calls.push_back(Complete(client.get(), Question(moved)));
  EXPECT_THAT(TextsOrReasons(RunAll(std::move(calls))), Each("4"));
  std::atomic<bool> release = false;
  const auto slow = [&](const Request&) {
    Response response = Fine();
    response.until = [&] { return release.load(); };
    return response;
  };
  HttpServer back(slow, port);
  const auto down = [&] {
    for (const auto& endpoint : hub_.endpoints()) {
      if (endpoint->down() && !endpoint->healthy()) return true;
    }
    return false;
  };
  WaitFor([&] { return !down(); }, "the breaker lets a call try");
  auto trying = std::async(std::launch::async, [&] { return AskOnce(*client, Question(moved)); });
  WaitFor([&] { return back.at_once() == 1; }, "one call tries it");
  const absl::Time began = absl::Now();
  EXPECT_EQ(TextOrReason(AskOnce(*client, Question(moved))), "4");
  EXPECT_LT(absl::Now() - began, absl::Seconds(2));
  release = true;
  EXPECT_EQ(TextOrReason(trying.get()), "4");
}

}  // namespace
}  // namespace quern::llm

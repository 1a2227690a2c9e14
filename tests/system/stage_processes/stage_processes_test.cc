#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/config/job_spec.h"
#include "common/queue/ingest.h"
#include "common/queue/job_store.h"
#include "quern/v1/stages.grpc.pb.h"
#include "tests/support/models.h"
#include "tests/support/redis_server.h"
#include "tests/support/rpc/daemon.h"
#include "tests/support/rpc/health.h"
#include "tests/support/wait_until.h"

namespace quern::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr absl::Duration kPatience = absl::Seconds(60);

constexpr char kText[] =
    "The quern is a hand mill of two stones that was used to grind corn into flour. The lower stone is fixed, and the "
    "upper one is turned by a handle of wood. Querns were made of basalt or of sandstone, and they were in use in all "
    "of Europe until water mills took their work. A woman could grind enough flour for her family in about two hours, "
    "which made it one of the longest of her daily tasks. Xylocanary was the name of the last of them.";
constexpr char kCanary[] = "Xylocanary";

std::string HttpGet(const std::string& address) {
  const std::pair<std::string, std::string> host_port = absl::StrSplit(address, ':');
  ChildProcess curl({"/bin/bash", "-c",
                     absl::StrCat("exec 3<>/dev/tcp/", host_port.first, "/", host_port.second,
                                  "; printf 'GET /metrics HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3")});
  curl.Wait(kPatience);
  return curl.Stdout();
}

grpc::Status Filter(const std::shared_ptr<grpc::Channel>& channel, const v1::FilterDocumentRequest& request,
                    v1::FilterDocumentResponse* response) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  return v1::FilterService::NewStub(channel)->FilterDocument(&context, request, response);
}

v1::FilterDocumentRequest Request(const std::string& text) {
  v1::FilterDocumentRequest request;
  request.mutable_document()->set_text(text);
  return request;
}

TEST(StageProcessesTest, ServesHealthMetricsAndRpcsAndDrainsOnSigterm) {
  RedisServer redis;
  for (const auto& [program, service] :
       {std::pair("quern-filter", "quern.v1.FilterService"), std::pair("quern-persona", "quern.v1.PersonaService"),
        std::pair("quern-generator", "quern.v1.GeneratorService"),
        std::pair("quern-verifier", "quern.v1.VerifierService")}) {
    Daemon daemon(program, {"--redis", redis.url()});
    ASSERT_TRUE(daemon.WaitUntilItServes()) << daemon.process().Stderr();
    WaitUntil([&] { return HealthOf(daemon.Channel(), "") == Health::kServing; }, "Redis has answered");
    EXPECT_EQ(HealthOf(daemon.Channel(), service), Health::kServing);
    EXPECT_THAT(HttpGet(daemon.metrics_address()),
                AllOf(HasSubstr("200 OK"), HasSubstr(absl::StrCat("quern_build_info{process=\"", program)),
                      HasSubstr("quern_redis_reconnects_total")));
    daemon.process().Signal(SIGTERM);
    EXPECT_EQ(daemon.process().Wait(kPatience), 0);
    EXPECT_THAT(daemon.process().Stderr(), AllOf(HasSubstr("\"draining\""), HasSubstr("\"stopped\"")));
  }
}

TEST(StageProcessesTest, TakesWorkOnlyWhileRedisAnswers) {
  RedisServer redis;
  redis.Kill();
  Daemon daemon("quern-filter", {"--redis", redis.url()});
  ASSERT_TRUE(daemon.WaitUntilItServes()) << daemon.process().Stderr();
  EXPECT_TRUE(daemon.process().WaitForStderr("not ready: waiting for Redis", kPatience));
  EXPECT_EQ(HealthOf(daemon.Channel(), ""), Health::kNotServing);
  redis.Start();
  WaitUntil([&] { return HealthOf(daemon.Channel(), "") == Health::kServing; }, "Redis is there");
  redis.Kill();
  WaitUntil([&] { return HealthOf(daemon.Channel(), "") == Health::kNotServing; }, "Redis is gone");
  redis.Start();
  WaitUntil([&] { return HealthOf(daemon.Channel(), "") == Health::kServing; }, "Redis is there again");
}

TEST(StageProcessesTest, IsNotReadyWhereRedisRefusesIt) {
  RedisServer redis({"--requirepass", "secret"});
  Daemon daemon("quern-filter", {"--redis", redis.url()});
  ASSERT_TRUE(daemon.WaitUntilItServes()) << daemon.process().Stderr();
  EXPECT_TRUE(daemon.process().WaitForStderr("not ready: waiting for Redis", kPatience));
  EXPECT_THAT(daemon.process().Stderr(), HasSubstr("NOAUTH"));
  EXPECT_EQ(HealthOf(daemon.Channel(), ""), Health::kNotServing);
}

TEST(StageProcessesTest, JudgesADocumentWithoutAnyRedisAndLogsNoneOfIt) {
  Daemon daemon("quern-filter", {"--log-level", "debug", "--set", "worker.enabled=false"});
  ASSERT_TRUE(daemon.WaitUntilItServes()) << daemon.process().Stderr();
  v1::FilterDocumentResponse response;
  const grpc::Status status = Filter(daemon.Channel(), Request(kText), &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_NE(response.outcome_case(), v1::FilterDocumentResponse::OUTCOME_NOT_SET);
  EXPECT_EQ(response.trace().stage(), v1::STAGE_NAME_FILTER);
  EXPECT_EQ(Filter(daemon.Channel(), Request("Too short, " + std::string(kCanary)), &response).error_code(),
            grpc::StatusCode::OK);
  EXPECT_TRUE(response.has_rejection());
  daemon.process().Signal(SIGTERM);
  EXPECT_EQ(daemon.process().Wait(kPatience), 0);
  EXPECT_THAT(daemon.process().Stderr(), Not(HasSubstr(kCanary)));
}

// Its message lies where the one before lay, as often as not.
TEST(StageProcessesTest, EachCallAsksAModelAboutItsOwnDocument) {
  ScriptedModel model([](const std::string&) { return "{}"; });
  Daemon daemon("quern-filter", {"--set", "worker.enabled=false"});
  ASSERT_TRUE(daemon.WaitUntilItServes()) << daemon.process().Stderr();
  v1::FilterDocumentRequest request;
  *request.mutable_spec() = JobAsking({model.base_url()});
  request.mutable_spec()->set_engine(v1::ENGINE_LLM);
  v1::FilterSpec& rules = *request.mutable_spec()->mutable_filter();
  rules.mutable_gopher_repetition()->set_enabled(false);
  rules.mutable_gopher_quality()->set_enabled(false);
  rules.mutable_fineweb()->set_enabled(false);
  rules.mutable_c4()->set_enabled(false);
  request.mutable_document()->set_id("d");
  const auto channel = daemon.Channel();
  for (int i = 0; i < 20; ++i) {
    const std::string text = absl::StrCat(kText, " It was copy ", i, ".");
    request.mutable_document()->set_text(text);
    v1::FilterDocumentResponse response;
    const grpc::Status status = Filter(channel, request, &response);
    const std::vector<std::string> prompts = model.prompts();
    ASSERT_FALSE(prompts.empty()) << status.error_message() << response.ShortDebugString();
    ASSERT_THAT(prompts.back(), HasSubstr(text));
  }
}

TEST(StageProcessesTest, BadRequestsAreTheClientsFault) {
  Daemon daemon("quern-filter", {"--set", "worker.enabled=false"});
  ASSERT_TRUE(daemon.WaitUntilItServes());
  const auto channel = daemon.Channel();
  v1::FilterDocumentResponse response;
  grpc::Status status = Filter(channel, {}, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(), "document: is required");
  status = Filter(channel, Request(""), &response);
  EXPECT_EQ(status.error_message(), "document.text: must not be empty");
  v1::FilterDocumentRequest bad_spec = Request(kText);
  bad_spec.mutable_spec()->mutable_queue()->set_lanes(1000);
  status = Filter(channel, bad_spec, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("queue.lanes: must be from 1 to 64"));
  EXPECT_THAT(status.error_details(), AllOf(HasSubstr("google.rpc.ErrorInfo"), HasSubstr("INVALID_SPEC")));
  v1::FilterDocumentRequest large = Request(std::string(2000, 'x'));
  large.mutable_spec()->mutable_input()->set_max_document_bytes(1000);
  EXPECT_THAT(Filter(channel, large, &response).error_details(), HasSubstr("DOCUMENT_TOO_LARGE"));
}

TEST(StageProcessesTest, WaitsForARedisThatIsAwayAndThenWorks) {
  RedisServer redis;
  redis.Kill();
  Daemon daemon("quern-filter", {"--redis", redis.url()});
  ASSERT_TRUE(daemon.WaitUntilItServes()) << daemon.process().Stderr();
  EXPECT_THAT(daemon.process().Stderr(), HasSubstr("redis is away; waiting for it"));
  v1::FilterDocumentResponse response;
  EXPECT_TRUE(Filter(daemon.Channel(), Request(kText), &response).ok());
  redis.Start();
  queue::RedisOptions options;
  options.url = redis.url();
  queue::JobStore store(options);
  const v1::JobSpec spec = *config::ResolveJobSpec({});
  ASSERT_TRUE(store.Create("test", spec, "/unused").ok());
  v1::IngestEntry entry;
  entry.set_position(1);
  entry.mutable_document()->set_id("d1");
  entry.mutable_document()->set_text(kText);
  ASSERT_TRUE(queue::Ingest(options, "test", spec, "test").Store({entry}).ok());
  const absl::Time deadline = absl::Now() + kPatience;
  uint64_t waiting = 1;
  while (waiting > 0 && absl::Now() < deadline) {
    waiting = 0;
    const auto job = store.Get("test");
    ASSERT_TRUE(job.ok()) << job.status();
    for (const v1::StageBacklog& backlog : job->counts().backlog()) {
      if (backlog.stage() == v1::STAGE_NAME_FILTER) waiting += backlog.entries();
    }
  }
  EXPECT_EQ(waiting, 0u) << daemon.process().Stderr();
  EXPECT_THAT(daemon.process().Stderr(), Not(HasSubstr(kCanary)));
}

TEST(StageProcessesTest, RefusesARedisThatMayLoseWork) {
  RedisServer redis({"--appendonly", "no"});
  Daemon daemon("quern-filter", {"--redis", redis.url()});
  EXPECT_EQ(daemon.process().Wait(kPatience), 78);
  EXPECT_THAT(daemon.process().Stderr(), HasSubstr("REDIS_UNSAFE"));
  Daemon allowed("quern-filter", {"--redis", redis.url(), "--set", "redis.allow_unsafe=true"});
  EXPECT_TRUE(allowed.WaitUntilItServes()) << allowed.process().Stderr();
}

TEST(StageProcessesTest, AnAddressInUseIsNamedAndEndsTheStart) {
  Daemon first("quern-filter", {"--set", "worker.enabled=false"});
  ASSERT_TRUE(first.WaitUntilItServes());
  Daemon same_grpc("quern-filter", {"--set", "worker.enabled=false", "--listen", first.grpc_address()});
  EXPECT_EQ(same_grpc.process().Wait(kPatience), 69);
  EXPECT_THAT(same_grpc.process().Stderr(), AllOf(HasSubstr("ADDRESS_IN_USE"), HasSubstr(first.grpc_address())));
  Daemon same_metrics("quern-filter", {"--set", "worker.enabled=false", "--metrics", first.metrics_address()});
  EXPECT_EQ(same_metrics.process().Wait(kPatience), 69);
  EXPECT_THAT(same_metrics.process().Stderr(), HasSubstr(first.metrics_address()));
}

TEST(StageProcessesTest, ASecondSignalEndsItAtOnce) {
  Daemon daemon("quern-filter", {"--set", "worker.enabled=false"});
  ASSERT_TRUE(daemon.WaitUntilItServes());
  // Both are pending before it runs again, so that it cannot end by the first one.
  daemon.process().Signal(SIGSTOP);
  daemon.process().Signal(SIGTERM);
  daemon.process().Signal(SIGINT);
  daemon.process().Signal(SIGCONT);
  const auto code = daemon.process().Wait(kPatience);
  EXPECT_TRUE(code == 128 + SIGINT || code == 128 + SIGTERM) << code.value_or(-1);
}

TEST(StageProcessesTest, FaultsOfTheConfigurationAreToldTogetherWithExitCode78) {
  const std::string file = ::testing::TempDir() + "/bad.yaml";
  std::ofstream(file) << "redis: {urll: x}\nworker: {lease: 1s, threads: many}\nlisten: {drain: 5}\n";
  ChildProcess process({"quern-filter", "--config", file}, {"QUERN_LOG_LEVEL=loud"});
  EXPECT_EQ(process.Wait(kPatience), 78);
  EXPECT_THAT(process.Stderr(),
              AllOf(HasSubstr("redis.urll: is unknown; did you mean url?"),
                    HasSubstr("worker.lease: must be at least 3"), HasSubstr("worker.threads: expects a whole number"),
                    HasSubstr("listen.drain: expects a duration"), HasSubstr("log.level: expects debug")));
  ChildProcess usage({"quern-filter", "--no-such-flag", "word"});
  EXPECT_EQ(usage.Wait(kPatience), 64);
  EXPECT_THAT(usage.Stderr(), HasSubstr("--no-such-flag: is unknown"));
  ChildProcess no_file({"quern-filter", "--config", "/nonexistent.yaml"});
  EXPECT_EQ(no_file.Wait(kPatience), 66);
}

TEST(StageProcessesTest, PrintsItsConfigurationWithSourcesAndWithoutSecrets) {
  ChildProcess process({"quern-persona", "--print-config", "--log-level=error"},
                       {"QUERN_REDIS_URL=redis://:s3cret@queue:6379", "QUERN_WORKER_THREADS=3"});
  EXPECT_EQ(process.Wait(kPatience), 0);
  EXPECT_THAT(process.Stdout(), AllOf(HasSubstr("grpc: \"127.0.0.1:7072\""), HasSubstr("# default"),
                                      HasSubstr("# environment QUERN_WORKER_THREADS"), HasSubstr("# --log-level"),
                                      HasSubstr(":***@queue"), Not(HasSubstr("s3cret"))));
  EXPECT_EQ(process.Stderr(), "");
  ChildProcess validate({"quern-persona", "--validate-config"});
  EXPECT_EQ(validate.Wait(kPatience), 0);
  ChildProcess help({"quern-persona", "--help"});
  EXPECT_EQ(help.Wait(kPatience), 0);
  EXPECT_THAT(help.Stdout(), AllOf(HasSubstr("--print-config"), HasSubstr("Examples:")));
}

}  // namespace
}  // namespace quern::testing

#include <grpcpp/grpcpp.h>

#include "quern/v1/pipeline.grpc.pb.h"
#include "tests/support/redis_server.h"
#include "tests/support/rpc/daemon.h"
#include "tests/system/models/models_fixture.h"

namespace quern::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kKey[] = "sk-canary-4711-xylographaquarium";
constexpr char kToken[] = "token-canary-4712-xylographaquarium";
constexpr char kPassword[] = "redis-canary-4713-xylographaquarium";
constexpr char kText[] = "quokkaphone";

// The services as processes of their own, all secrets in files, everything logged that can be.
class CanaryTest : public ModelsTest {
 protected:
  void SetUp() override {
    folder_.Write("password", std::string(kPassword) + "\n");
    folder_.Write("key", std::string(kKey) + "\n");
    folder_.Write("token", std::string(kToken) + "\n");
    folder_.Write("tokens", "admin ann " + std::string(kToken) + "\n");
    for (const char* name : {"filter", "persona", "generator", "verifier"}) Start(name, {});
    Start("pipeline",
          {"--set=pipeline.data_dir=" + Output("data"), "--set=pipeline.filter_address=" + services_[0]->grpc_address(),
           "--set=pipeline.persona_address=" + services_[1]->grpc_address(),
           "--set=pipeline.generator_address=" + services_[2]->grpc_address(),
           "--set=pipeline.verifier_address=" + services_[3]->grpc_address(),
           "--set=pipeline.stages.token_file=" + (folder_ / "token")});
  }

  void Start(const std::string& name, std::vector<std::string> flags) {
    flags.insert(flags.end(), {"--redis=" + redis_.url(), "--set=redis.password_file=" + (folder_ / "password"),
                               "--set=listen.tokens_file=" + (folder_ / "tokens"), "--log-level=debug"});
    services_.push_back(std::make_unique<Daemon>("quern-" + name, flags));
    ASSERT_TRUE(services_.back()->WaitUntilItServes()) << services_.back()->process().Stderr();
  }

  Said Ask(std::vector<std::string> words) const {
    words.insert(words.end(), {"--server", services_.back()->grpc_address(), "--token-file", folder_ / "token"});
    return Quern(words);
  }

  static std::string Metrics(const Daemon& daemon) {
    const std::string address = daemon.metrics_address();
    ChildProcess curl({"/bin/bash", "-c",
                       "exec 3<>/dev/tcp/127.0.0.1/" + address.substr(address.rfind(':') + 1) +
                           "; printf 'GET /metrics HTTP/1.0\r\n\r\n' >&3; cat <&3"});
    curl.Wait(absl::Seconds(30));
    return curl.Stdout();
  }

  // The text of a call's error, with its details.
  std::string ErrorOfConversion(const v1::ConvertDocumentRequest& request) const {
    grpc::ClientContext context;
    context.AddMetadata("authorization", std::string("Bearer ") + kToken);
    v1::ConvertDocumentResponse response;
    const auto stub = v1::PipelineService::NewStub(services_.back()->Channel());
    const grpc::Status status = stub->ConvertDocument(&context, request, &response);
    EXPECT_FALSE(status.ok());
    return status.error_message() + status.error_details();
  }

  RedisServer redis_{{"--requirepass", kPassword}};
  std::vector<std::unique_ptr<Daemon>> services_;
};

TEST_F(CanaryTest, SecretsAndTextStayOutOfLogsMetricsAndErrors) {
  std::string corpus;
  for (int i = 0; i < 20; ++i) {
    nlohmann::json line = nlohmann::json::parse(MakeProseLine(i, 1000));
    line["text"] =
        line["text"].get<std::string>() + " The " + kText + " was built in " + std::to_string(1850 + i) + ".";
    corpus += line.dump() + "\n";
  }
  // One that cannot be read, and one that is too large.
  corpus += "{\"text\": \"" + std::string(kText) + "\n";
  corpus += nlohmann::json({{"text", kText + std::string(3000, 'x')}}).dump() + "\n";
  folder_.Write("corpus.jsonl", corpus);
  ModelJob job;
  job.model = "    api_key_file: " + (folder_ / "key") + "\n";
  job.max_retries = 1;
  job.max_attempts = 1;
  job.spec = "input: {max_document_bytes: 2000}\n";
  // First a key that is refused, which servers like to repeat.
  server_.Start({"--fault", "401=1"});
  WriteSpec(job);
  const std::vector<std::string> submit = {"submit", folder_ / "corpus.jsonl", "--job",  "first",
                                           "--spec", folder_ / "job.yaml",     "--watch"};
  const Said refused = Ask(submit);
  EXPECT_EQ(refused.code, 5) << refused.err;
  server_.Restart({"--api-key", kKey, "--fault", "malformed=0.2", "--fault", "400=0.1", "--fault", "500=0.1", "--fault",
                   "content-filter=0.1"});
  EXPECT_EQ(Ask({"resume", "first"}).code, 0);
  const Said watched = Ask({"watch", "first"});
  EXPECT_EQ(watched.code, 3) << watched.err;
  const Said status = Ask({"status", "first", "--json"});
  EXPECT_EQ(status.code, 0);

  v1::ConvertDocumentRequest request;
  request.mutable_document()->set_text(std::string(kText) + "\xff");
  const std::string bad_text = ErrorOfConversion(request);
  request.mutable_document()->set_text("A document");
  request.mutable_spec()->set_engine(v1::ENGINE_LLM);
  auto* model = request.mutable_spec()->add_models();
  model->set_name("small");
  model->add_base_urls(server_.base_url());
  model->set_api_key_env(kKey);
  const std::string bad_spec = ErrorOfConversion(request);

  std::map<std::string, std::string> places = {
      {"what the commands said", refused.err + refused.out + watched.err + watched.out + status.out + status.err},
      {"errors", bad_text + bad_spec}};
  std::string messages;
  for (const auto& row : Rows<v1::DeadLetterRow>(Output("data") + "/first", dataset::RowKind::kDeadLetters)) {
    messages += row.reason() + ": " + row.message() + "\n";
  }
  EXPECT_THAT(messages, HasSubstr("INVALID_JSON"));
  EXPECT_THAT(messages, HasSubstr("DOCUMENT_TOO_LARGE"));
  places["dead letters"] = messages;
  for (const auto& service : services_) {
    const std::string metrics = Metrics(*service);
    EXPECT_THAT(metrics, HasSubstr("quern_build_info"));
    service->process().Signal(SIGTERM);
    EXPECT_EQ(service->process().Wait(absl::Seconds(30)), 0);
    places["metrics and log of " + service->grpc_address()] = metrics + service->process().Stderr();
  }
  for (const auto& [name, text] : places) {
    for (const char* canary : {kKey, kToken, kPassword, kText}) EXPECT_THAT(text, Not(HasSubstr(canary))) << name;
  }
}

}  // namespace
}  // namespace quern::testing

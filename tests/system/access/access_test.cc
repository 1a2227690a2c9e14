#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "quern/v1/pipeline.grpc.pb.h"
#include "quern/v1/stages.grpc.pb.h"
#include "tests/support/redis_server.h"
#include "tests/support/rpc/certificates.h"
#include "tests/support/rpc/daemon.h"
#include "tests/support/wait_until.h"

namespace quern::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr absl::Duration kPatience = absl::Seconds(60);
constexpr char kReader[] = "reader-0123456789abcdef";
constexpr char kSubmitter[] = "submit-0123456789abcdef";
constexpr char kAdmin[] = "admin-00123456789abcdef";

struct Said {
  int code;
  std::string out;
  std::string err;
};

Said Quern(std::vector<std::string> words) {
  words.insert(words.begin(), "quern");
  ChildProcess quern(words);
  const std::optional<int> code = quern.Wait(kPatience);
  return {code.value_or(-1), quern.Stdout(), quern.Stderr()};
}

// Calls a method with an empty request, whatever its kind, and returns how that ended.
grpc::Status CallEmpty(const std::shared_ptr<grpc::Channel>& channel, const std::string& method) {
  grpc::GenericStub stub(channel);
  grpc::CompletionQueue queue;
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
  const auto call = stub.PrepareCall(&context, method, &queue);
  void* tag = nullptr;
  bool ok = false;
  call->StartCall(nullptr);
  queue.Next(&tag, &ok);
  grpc::Slice nothing;
  call->WriteLast(grpc::ByteBuffer(&nothing, 1), {}, nullptr);
  queue.Next(&tag, &ok);
  grpc::Status status;
  call->Finish(&status, nullptr);
  queue.Next(&tag, &ok);
  return status;
}

class GuardedSuiteTest : public ::testing::Test {
 protected:
  GuardedSuiteTest() : certificates_(Path("certificates")) {
    certificates_.Sign("server");
    certificates_.Sign("client");
    std::ofstream(Path("tokens")) << "read ann " << kReader << "\nsubmit ben " << kSubmitter << "\nadmin cat " << kAdmin
                                  << "\n";
    for (const char* token : {kReader, kSubmitter, kAdmin}) std::ofstream(Path(token)) << token << "\n";
  }
  ~GuardedSuiteTest() override { std::filesystem::remove_all(Path("")); }

  std::string Path(const std::string& name) const {
    return absl::StrCat(::testing::TempDir(), "/", ::testing::UnitTest::GetInstance()->current_test_info()->name(), "/",
                        name);
  }

  std::vector<std::string> Tokens() const { return {"--set=listen.tokens_file=" + Path("tokens")}; }
  std::vector<std::string> Tls() const {
    return {"--set=listen.tls.certificate_file=" + certificates_.certificate("server"),
            "--set=listen.tls.key_file=" + certificates_.key("server")};
  }

  std::unique_ptr<Daemon> Start(const std::string& name, const std::vector<std::vector<std::string>>& flags) const {
    std::vector<std::string> all = {"--redis=" + redis_.url()};
    if (name == "pipeline") all.push_back("--set=pipeline.data_dir=" + Path("data"));
    for (const auto& some : flags) all.insert(all.end(), some.begin(), some.end());
    auto daemon = std::make_unique<Daemon>("quern-" + name, all);
    EXPECT_TRUE(daemon->WaitUntilItServes()) << daemon->process().Stderr();
    return daemon;
  }

  const RedisServer redis_;
  const Certificates certificates_;
};

TEST_F(GuardedSuiteTest, NoMethodOfAnyServiceAnswersWithoutAToken) {
  for (const auto& [name, service] :
       {std::pair("filter", "FilterService"), std::pair("persona", "PersonaService"),
        std::pair("generator", "GeneratorService"), std::pair("verifier", "VerifierService"),
        std::pair("pipeline", "PipelineService")}) {
    const auto daemon = Start(name, {Tokens()});
    const auto* descriptor =
        google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(absl::StrCat("quern.v1.", service));
    ASSERT_NE(descriptor, nullptr);
    for (int i = 0; i < descriptor->method_count(); ++i) {
      const std::string method = absl::StrCat("/", descriptor->full_name(), "/", descriptor->method(i)->name());
      const grpc::Status status = CallEmpty(daemon->Channel(), method);
      EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED) << method << ": " << status.error_message();
      EXPECT_THAT(status.error_details(), HasSubstr("NO_TOKEN")) << method;
    }
    // Orchestrators have none.
    EXPECT_EQ(Quern({"health", daemon->grpc_address()}).code, 0);
  }
}

TEST_F(GuardedSuiteTest, ATokenOpensWhatItsRoleMay) {
  const auto pipeline = Start("pipeline", {Tokens()});
  // Ends what is queued when the job is cancelled.
  const auto filter = Start("filter", {});
  const auto quern = [&](const char* token, std::vector<std::string> words) {
    words.insert(words.end(), {"--server", pipeline->grpc_address(), "--token-file", Path(token)});
    return Quern(words);
  };
  std::ofstream(Path("corpus.jsonl")) << R"({"text": "A quern is a hand mill of two stones."})"
                                      << "\n";
  const std::vector<std::string> submit = {"submit", Path("corpus.jsonl"), "--job", "first"};
  const Said refused = quern(kReader, submit);
  EXPECT_EQ(refused.code, 77) << refused.err;
  EXPECT_THAT(refused.err, HasSubstr("ann has the role read; this needs submit"));
  EXPECT_EQ(quern(kSubmitter, submit).code, 0);
  EXPECT_THAT(quern(kReader, {"status"}).out, HasSubstr("first"));
  EXPECT_EQ(quern(kSubmitter, {"cancel", "first"}).code, 0);
  EXPECT_EQ(quern(kSubmitter, {"delete", "first"}).code, 77);
  WaitUntil([&] { return quern(kAdmin, {"delete", "first"}).code == 0; }, "the job is cancelled");
  // The server's file of tokens is no client's.
  const Said confused = quern("tokens", {"status"});
  EXPECT_EQ(confused.code, 78);
  EXPECT_THAT(confused.err, HasSubstr("does not hold one token alone"));
  const Said without = Quern({"status", "--server", pipeline->grpc_address()});
  EXPECT_EQ(without.code, 77);
  EXPECT_THAT(without.err, HasSubstr("--token-file"));
  // Tokens are nobody's business.
  for (const char* token : {kReader, kSubmitter, kAdmin}) {
    EXPECT_THAT(pipeline->process().Stderr() + refused.err + confused.err + without.err, Not(HasSubstr(token)));
  }
}

TEST_F(GuardedSuiteTest, SpeaksTlsAndConvertsThroughGuardedStages) {
  std::vector<std::string> addresses;
  std::vector<std::unique_ptr<Daemon>> stages;
  for (const char* name : {"filter", "persona", "generator", "verifier"}) {
    stages.push_back(Start(name, {Tls(), Tokens()}));
    addresses.push_back(absl::StrCat("--set=pipeline.", name, "_address=", stages.back()->grpc_address()));
  }
  addresses.push_back("--set=pipeline.stages.ca_file=" + certificates_.ca());
  addresses.push_back("--set=pipeline.stages.token_file=" + Path(kSubmitter));
  const auto pipeline = Start("pipeline", {Tls(), Tokens(), addresses});
  const std::vector<std::string> access = {"--ca-file", certificates_.ca(), "--token-file", Path(kSubmitter)};
  const auto quern = [&](std::vector<std::string> words, const std::vector<std::string>& more) {
    words.insert(words.end(), more.begin(), more.end());
    return Quern(words);
  };
  EXPECT_EQ(quern({"health", pipeline->grpc_address()}, {"--ca-file", certificates_.ca()}).code, 0);
  std::ofstream(Path("corpus.jsonl"))
      << R"({"title": "Quern", "text": "The quern is a hand mill of two stones that was used to grind corn into flour. The )"
      << R"(lower stone is fixed, and the upper one is turned by a handle of wood. Querns were made of basalt, and they )"
      << R"(were in use in all of Europe until water mills took their work in 1850. A woman could grind enough flour for )"
      << R"(her family in about two hours, which made it one of the longest of her daily tasks."})"
      << "\n";
  const Said converted =
      quern({"convert", Path("corpus.jsonl"), "--json", "--server", pipeline->grpc_address()}, access);
  EXPECT_EQ(converted.code, 0) << converted.err;
  EXPECT_THAT(converted.out, HasSubstr("\"persona\""));
  // In plaintext, or trusting somebody else, nothing answers, and the reason can be seen.
  const Said plain = Quern({"status", "--server", pipeline->grpc_address()});
  EXPECT_EQ(plain.code, 69);
  EXPECT_THAT(plain.err, HasSubstr("--ca-file"));
  const Certificates others(Path("others"));
  const Said stranger = Quern({"status", "--server", pipeline->grpc_address(), "--ca-file", others.ca()});
  EXPECT_EQ(stranger.code, 69);
  EXPECT_THAT(stranger.err, AllOf(HasSubstr("TLS"), HasSubstr("certificate")));
}

TEST_F(GuardedSuiteTest, MutualTlsAsksForACertificate) {
  const auto pipeline = Start("pipeline", {Tls(), {"--set=listen.tls.client_ca_file=" + certificates_.ca()}});
  const std::vector<std::string> ask = {"status", "--server", pipeline->grpc_address(), "--ca-file",
                                        certificates_.ca()};
  EXPECT_EQ(Quern(ask).code, 69);
  std::vector<std::string> with = ask;
  with.insert(with.end(),
              {"--certificate-file", certificates_.certificate("client"), "--key-file", certificates_.key("client")});
  const Said answered = Quern(with);
  EXPECT_EQ(answered.code, 0) << answered.err;
}

TEST_F(GuardedSuiteTest, ARenewedCertificateIsTakenUpWithoutARestart) {
  const auto pipeline = Start("pipeline", {Tls()});
  const std::vector<std::string> ask = {"status",  "--server",  pipeline->grpc_address(), "--server-name",
                                        "renewed", "--ca-file", certificates_.ca()};
  EXPECT_EQ(Quern(ask).code, 69);
  certificates_.Sign("renewed");
  std::filesystem::rename(certificates_.key("renewed"), certificates_.key("server"));
  std::filesystem::rename(certificates_.certificate("renewed"), certificates_.certificate("server"));
  WaitUntil([&] { return Quern(ask).code == 0; }, "the new certificate is shown", kPatience);
}

TEST_F(GuardedSuiteTest, BadAccessIsRefusedAtTheStart) {
  const auto refusal = [&](const std::vector<std::string>& flags, const std::string& listen = "127.0.0.1:0") {
    std::vector<std::string> words = {"quern-filter", "--metrics", "off", "--set=worker.enabled=false",
                                      "--listen",     listen};
    words.insert(words.end(), flags.begin(), flags.end());
    ChildProcess filter(words);
    EXPECT_EQ(filter.Wait(kPatience), 78) << filter.Stderr();
    return filter.Stderr();
  };
  EXPECT_THAT(refusal({}, "203.0.113.5:7071"), HasSubstr("can be reached at the public address 203.0.113.5"));
  EXPECT_THAT(refusal({"--set=listen.tokens_file=/nowhere"}), HasSubstr("/nowhere"));
  EXPECT_THAT(refusal({"--set=listen.tls.certificate_file=" + certificates_.ca()}),
              HasSubstr("listen.tls.key_file: is missing"));
  EXPECT_THAT(refusal({"--set=listen.tls.certificate_file=" + certificates_.certificate("server"),
                       "--set=listen.tls.key_file=" + certificates_.key("client")}),
              HasSubstr("client.key holds no private key in PEM that fits"));
  ChildProcess rsa({"/usr/bin/openssl", "genpkey", "-algorithm", "RSA", "-out", Path("rsa.key")});
  EXPECT_EQ(rsa.Wait(kPatience), 0);
  EXPECT_THAT(refusal({"--set=listen.tls.certificate_file=" + certificates_.certificate("server"),
                       "--set=listen.tls.key_file=" + Path("rsa.key")}),
              HasSubstr("rsa.key is not the key of"));
  EXPECT_THAT(refusal({}, "*:7071"), HasSubstr("is no address"));
  EXPECT_THAT(refusal({"--set=listen.tls.client_ca_file=" + certificates_.ca()}),
              HasSubstr("listen.tls.client_ca_file"));
}

}  // namespace
}  // namespace quern::testing

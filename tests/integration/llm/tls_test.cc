#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/llm/http_client.h"
#include "tests/support/child_process.h"
#include "tests/support/http_calls.h"
#include "tests/support/http_server.h"

namespace quern::llm {
namespace {

using ::quern::testing::ChildProcess;
using ::quern::testing::HttpServer;
using ::quern::testing::SendAll;
using ::quern::testing::SendOne;
using ::testing::HasSubstr;
using Outcome = HttpReply::Outcome;

// A folder with a key and a certificate for 127.0.0.1 that nobody but itself has signed.
std::string MakeCertificate() {
  const std::string folder = ::testing::TempDir() + absl::StrCat("quern_tls_", ::getpid());
  const std::string command = absl::StrCat(
      "mkdir -p ", folder, " && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 ",
      "-subj /CN=quern-test -addext subjectAltName=IP:127.0.0.1 -keyout ", folder, "/key.pem -out ", folder,
      "/cert.pem 2>", folder, "/openssl.log");
  EXPECT_EQ(std::system(command.c_str()), 0) << command;
  return folder;
}

// nghttpx, which speaks TLS to clients and plain HTTP/1.1 to a test's server.
class TlsFrontEnd {
 public:
  TlsFrontEnd(const HttpServer& server, const std::string& protocols)
      : process_({"/usr/sbin/nghttpx", "--conf=/dev/null", "--single-process", "--no-ocsp",
                  "--errorlog-file=/dev/stderr", absl::StrCat("--frontend=127.0.0.1,", port_),
                  absl::StrCat("--backend=127.0.0.1,", server.port()), "--npn-list=" + protocols, folder_ + "/key.pem",
                  folder_ + "/cert.pem"}) {
    EXPECT_TRUE(process_.WaitForStderr("Listening on", absl::Seconds(20))) << process_.Stderr();
  }
  ~TlsFrontEnd() { (void)std::system(("rm -r " + folder_).c_str()); }

  HttpRequest Request() const {
    HttpRequest request(absl::StrCat("https://127.0.0.1:", port_, "/v1"), std::string(8192, 'x'));
    request.ca_file = folder_ + "/cert.pem";
    return request;
  }
  void Kill() const { process_.Signal(SIGKILL); }

 private:
  const uint16_t port_ = quern::testing::UnusedPort();
  const std::string folder_ = MakeCertificate();
  ChildProcess process_;
};

HttpServer::Response EchoBody(const HttpServer::Request& request) { return HttpServer::Response(request.body); }

TEST(TlsTest, CallsShareConnectionsOverHttp2) {
  HttpServer server(EchoBody);
  const TlsFrontEnd front_end(server, "h2,http/1.1");
  HttpClient::Options options;
  options.shards = 1;
  HttpClient client(options);
  const std::vector<HttpRequest> requests(250, front_end.Request());
  for (const HttpReply& reply : SendAll(client, requests)) {
    ASSERT_EQ(reply.outcome, Outcome::kAnswered) << reply.error;
    EXPECT_EQ(reply.http_version, 2);
    EXPECT_EQ(reply.body, requests.front().body.before);
  }
}

TEST(TlsTest, CallsGoSideBySideOverHttp1) {
  constexpr int kCalls = 100;
  const HttpServer* there = nullptr;
  HttpServer server([&](const HttpServer::Request& request) {
    HttpServer::Response response(request.body);
    // No call gets its answer before the last one is there.
    response.until = [&] { return there->most_at_once() == kCalls; };
    return response;
  });
  there = &server;
  const TlsFrontEnd front_end(server, "http/1.1");
  HttpClient client;
  const std::vector<HttpRequest> requests(kCalls, front_end.Request());
  for (const HttpReply& reply : SendAll(client, requests)) {
    ASSERT_EQ(reply.outcome, Outcome::kAnswered) << reply.error;
    EXPECT_EQ(reply.http_version, 1);
  }
}

TEST(TlsTest, CertificateThatNobodyTrustsIsNotSent) {
  HttpServer server(EchoBody);
  const TlsFrontEnd front_end(server, "h2");
  HttpClient client;
  HttpRequest request = front_end.Request();
  request.ca_file.clear();
  const HttpReply reply = SendOne(client, request);
  EXPECT_EQ(reply.outcome, Outcome::kNotSent);
  EXPECT_THAT(reply.error, HasSubstr("TLS failed"));
  EXPECT_THAT(reply.error, HasSubstr("certificate"));
  request.ca_file = "/no/such/file.pem";
  EXPECT_EQ(SendOne(client, request).outcome, Outcome::kNotSent);
  EXPECT_EQ(server.requests(), 0);
}

TEST(TlsTest, ServerThatDiesOverHttp2LosesTheCall) {
  using Response = HttpServer::Response;
  HttpServer server([](const HttpServer::Request& request) {
    return request.number == 0 ? Response("{}") : Response(Response::Manner::kNever);
  });
  const TlsFrontEnd front_end(server, "h2");
  HttpClient client;
  HttpRequest request = front_end.Request();
  // Makes the connection, which may take a while on a busy machine.
  ASSERT_EQ(SendOne(client, request).outcome, Outcome::kAnswered);
  request.timeout = absl::Seconds(1);
  const HttpReply late = SendOne(client, request);
  EXPECT_EQ(late.outcome, Outcome::kLost);
  EXPECT_TRUE(late.timed_out);

  request.timeout = absl::Seconds(60);
  std::thread killer([&] {
    while (server.requests() < 3) absl::SleepFor(absl::Milliseconds(1));
    front_end.Kill();
  });
  const HttpReply lost = SendOne(client, request);
  killer.join();
  EXPECT_EQ(lost.outcome, Outcome::kLost) << lost.error;
  EXPECT_FALSE(lost.timed_out);
}

}  // namespace
}  // namespace quern::llm

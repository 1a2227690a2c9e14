#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <boost/asio/read.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/integration/simulator/simulator_client.h"
#include "tests/unit/services/simulator/prompts.h"

namespace quern::simulator {
namespace {

using boost::system::error_code;
using boost::system::system_error;
using nlohmann::json;
using ::testing::HasSubstr;

class SimulatorServerTest : public ::testing::Test {
 protected:
  SimulatorServerTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "quern-simulator-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~SimulatorServerTest() override { std::filesystem::remove_all(folder_); }

  std::string Path(const std::string& name) const { return folder_ + "/" + name; }
  std::string Write(const std::string& name, const std::string& text) const {
    std::ofstream(Path(name)) << text;
    return Path(name);
  }

  std::string folder_;
};

TEST_F(SimulatorServerTest, AnswersManyRequestsOnOneConnection) {
  RunningSimulator simulator({"--answers", "fixed"});
  RawClient client(simulator.port());
  for (int i = 0; i < 100; ++i) {
    const auto response = client.Ask(PromptOf(kBoron, "\"informative\"" + std::to_string(i)));
    ASSERT_EQ(response.result_int(), 200U);
    EXPECT_THAT(response.body(), HasSubstr("self_contained"));
  }
}

TEST_F(SimulatorServerTest, AnswersRequestsThatComeInPiecesOrTogether) {
  RunningSimulator simulator({"--answers", "fixed"});
  RawClient client(simulator.port());
  const std::string request = RawClient::RequestFor("x");
  for (const char c : request) client.Send(std::string(1, c));
  EXPECT_EQ(client.Receive().result_int(), 200U);
  client.Send(request + request + request.substr(0, 10));
  EXPECT_EQ(client.Receive().result_int(), 200U);
  EXPECT_EQ(client.Receive().result_int(), 200U);
  client.Send(request.substr(10));
  EXPECT_EQ(client.Receive().result_int(), 200U);
}

TEST_F(SimulatorServerTest, TakesLongPromptsAndSaysToGoOn) {
  RunningSimulator simulator({"--answers", "fixed"});
  RawClient client(simulator.port());
  const std::string request = RawClient::RequestFor(std::string(5 << 20, 'x'));
  const size_t head = request.find("\r\n\r\n");
  client.Send(request.substr(0, head) + "\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.Receive().result_int(), 100U);
  client.Send(request.substr(head + 4));
  EXPECT_EQ(client.Receive().result_int(), 200U);
}

TEST_F(SimulatorServerTest, ClosesWhenTheClientWantsThat) {
  RunningSimulator simulator({});
  RawClient client(simulator.port());
  client.Send("GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(client.Receive().result_int(), 200U);
  EXPECT_THROW(client.Receive(), system_error);
}

TEST_F(SimulatorServerTest, RefusesWhatIsNoHttp) {
  RunningSimulator simulator({});
  RawClient client(simulator.port());
  client.Send("no http at all\r\n\r\n");
  EXPECT_EQ(client.Receive().result_int(), 400U);
}

TEST_F(SimulatorServerTest, DelaysRepliesWithoutDelayingOthers) {
  RunningSimulator simulator({"--answers", "fixed", "--latency", "300ms"});
  std::vector<std::unique_ptr<RawClient>> clients;
  const absl::Time start = absl::Now();
  for (int i = 0; i < 50; ++i) {
    clients.push_back(std::make_unique<RawClient>(simulator.port()));
    clients.back()->Send(RawClient::RequestFor(std::to_string(i)));
  }
  for (auto& client : clients) EXPECT_EQ(client->Receive().result_int(), 200U);
  EXPECT_GE(absl::Now() - start, absl::Milliseconds(300));
  // One after the other they would take 15 s.
  EXPECT_LT(absl::Now() - start, absl::Seconds(7));
}

TEST_F(SimulatorServerTest, PlaysTheFaultsOfTheScriptInOrder) {
  const std::string script = Write("script", "1 500\n2 529\n4-5 html\n7 too-large\n");
  RunningSimulator simulator({"--answers", "fixed", "--script", script});
  RawClient client(simulator.port());
  std::vector<unsigned> statuses;
  std::vector<size_t> sizes;
  for (int i = 0; i < 8; ++i) {
    const auto response = client.Ask(std::to_string(i));
    statuses.push_back(response.result_int());
    sizes.push_back(response.body().size());
  }
  EXPECT_THAT(statuses, ::testing::ElementsAre(500, 529, 200, 200, 200, 200, 200, 200));
  EXPECT_GT(sizes[6], 20U << 20);
  EXPECT_LT(sizes[7], 10'000U);
}

TEST_F(SimulatorServerTest, BreaksConnectionsAsTheFaultsSay) {
  const std::string script = Write("script", "1 close\n2 reset\n3 hang\n");
  RunningSimulator simulator({"--answers", "fixed", "--script", script});
  std::string got(1 << 20, ' ');
  error_code error;
  RawClient closed(simulator.port());
  closed.Send(RawClient::RequestFor("x"));
  EXPECT_EQ(boost::asio::read(closed.socket(), boost::asio::buffer(got), error), 0U);
  EXPECT_EQ(error, boost::asio::error::eof);

  RawClient reset(simulator.port());
  reset.Send(RawClient::RequestFor("x"));
  const size_t half = boost::asio::read(reset.socket(), boost::asio::buffer(got), error);
  EXPECT_EQ(error, boost::asio::error::connection_reset);
  EXPECT_THAT(got.substr(0, half), HasSubstr("HTTP/1.1 200 OK"));
  EXPECT_THAT(got.substr(0, half), HasSubstr("chat.completion"));

  RawClient hanging(simulator.port());
  hanging.Send(RawClient::RequestFor("x"));
  // Others are answered meanwhile; the hanging one is not.
  EXPECT_EQ(RawClient(simulator.port()).Ask("y").result_int(), 200U);
  EXPECT_EQ(hanging.socket().available(), 0U);
}

TEST_F(SimulatorServerTest, WitnessSurvivesTheDeathOfTheServer) {
  const std::string script = Write("script", "2 500\n3 hang\n");
  RunningSimulator simulator({"--answers", "fixed", "--script", script, "--witness", Path("witness")});
  RawClient client(simulator.port());
  client.Ask(PromptOf(kBoron, "\"informative\""));
  client.Ask(PromptOf(kBoron, "\"informative\""));
  client.Send(RawClient::RequestFor("x"));
  const auto lines = [&] {
    std::ifstream file(Path("witness"));
    std::vector<json> found;
    for (std::string line; std::getline(file, line);) found.push_back(json::parse(line));
    return found;
  };
  // The hanging request has no reply to wait for.
  const absl::Time deadline = absl::Now() + absl::Seconds(20);
  while (lines().size() < 3 && absl::Now() < deadline) absl::SleepFor(absl::Milliseconds(5));
  simulator.process().Signal(SIGKILL);
  ASSERT_EQ(simulator.process().Wait(absl::Seconds(10)), 128 + SIGKILL);

  const std::vector<json> found = lines();
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0]["stage"], "filter");
  EXPECT_EQ(found[0]["document"], "5f3a9c1e");
  EXPECT_EQ(found[0]["status"], 200);
  EXPECT_EQ(found[0]["fault"], "");
  EXPECT_GT(found[0]["input_tokens"], 0);
  EXPECT_GT(found[0]["output_tokens"], 0);
  EXPECT_TRUE(found[0]["seed"].is_null());
  EXPECT_EQ(found[1]["sequence"], 2);
  EXPECT_EQ(found[1]["status"], 500);
  EXPECT_EQ(found[1]["fault"], "500");
  EXPECT_EQ(found[1]["prompt"], found[0]["prompt"]);
  EXPECT_EQ(found[1]["repetition"], 1);
  EXPECT_EQ(found[1]["output_tokens"], 0);
  EXPECT_EQ(found[2]["status"], 0);
  EXPECT_EQ(found[2]["fault"], "hang");
}

TEST_F(SimulatorServerTest, StopsOnSigtermWhateverIsOpen) {
  RunningSimulator simulator({"--answers", "fixed", "--latency", "1h", "--threads", "3"});
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 9; ++i) {
    clients.push_back(std::make_unique<RawClient>(simulator.port()));
    if (i % 2 == 0) clients.back()->Send(RawClient::RequestFor("x"));
  }
  simulator.process().Signal(SIGTERM);
  EXPECT_EQ(simulator.process().Wait(absl::Seconds(20)), 0);
}

TEST_F(SimulatorServerTest, ServesTenThousandIdleConnections) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur < 10'200) GTEST_SKIP() << "this machine allows " << limit.rlim_cur << " files";
  RunningSimulator simulator({"--answers", "fixed"});
  boost::asio::io_context loop;
  std::vector<std::unique_ptr<boost::asio::ip::tcp::socket>> idle;
  for (int i = 0; i < 10'000; ++i) {
    idle.push_back(std::make_unique<boost::asio::ip::tcp::socket>(loop));
    idle.back()->connect({boost::asio::ip::address_v4::loopback(), simulator.port()});
  }
  EXPECT_EQ(RawClient(simulator.port()).Ask("x").result_int(), 200U);
}

TEST_F(SimulatorServerTest, SaysWhyItDoesNotStart) {
  RunningSimulator simulator({});
  testing::ChildProcess taken({"quern-model-simulator", "--listen", absl::StrCat("127.0.0.1:", simulator.port())});
  EXPECT_EQ(taken.Wait(absl::Seconds(20)), 69);
  EXPECT_THAT(taken.Stderr(), HasSubstr("cannot listen on 127.0.0.1:"));
  testing::ChildProcess wrong({"quern-model-simulator", "--latency", "fast"});
  EXPECT_EQ(wrong.Wait(absl::Seconds(20)), 64);
  EXPECT_THAT(wrong.Stderr(), HasSubstr("--latency: "));
  testing::ChildProcess witness({"quern-model-simulator", "--witness", "/nowhere/witness"});
  EXPECT_EQ(witness.Wait(absl::Seconds(20)), 73);
  testing::ChildProcess script({"quern-model-simulator", "--script", "/nowhere/script"});
  EXPECT_EQ(script.Wait(absl::Seconds(20)), 66);
}

}  // namespace
}  // namespace quern::simulator

#include "tests/integration/simulator/simulator_client.h"

#include <gtest/gtest.h>

#include <boost/asio/write.hpp>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/unit/services/simulator/prompts.h"

namespace quern::simulator {

using boost::asio::ip::tcp;

RunningSimulator::RunningSimulator(const std::vector<std::string>& flags) {
  std::vector<std::string> words = {"quern-model-simulator", "--listen", "127.0.0.1:0"};
  words.insert(words.end(), flags.begin(), flags.end());
  process_ = std::make_unique<testing::ChildProcess>(words);
  const absl::Time deadline = absl::Now() + absl::Seconds(20);
  std::string out;
  while (out.find('\n') == std::string::npos && absl::Now() < deadline && !process_->Wait(absl::ZeroDuration())) {
    absl::SleepFor(absl::Milliseconds(5));
    out = process_->Stdout();
  }
  uint32_t port = 0;
  const bool listens = absl::SimpleAtoi(out.substr(out.rfind(':') + 1), &port);
  EXPECT_TRUE(listens) << out << process_->Stderr();
  port_ = static_cast<uint16_t>(port);
}

RawClient::RawClient(uint16_t port) { socket_.connect(tcp::endpoint(boost::asio::ip::address_v4::loopback(), port)); }

void RawClient::Send(const std::string& bytes) { boost::asio::write(socket_, boost::asio::buffer(bytes)); }

RawClient::Response RawClient::Receive() {
  boost::beast::http::response_parser<boost::beast::http::string_body> parser;
  parser.body_limit(64 << 20);
  boost::beast::http::read(socket_, buffer_, parser);
  return parser.release();
}

std::string RawClient::RequestFor(const std::string& prompt) {
  const std::string body = BodyOf(prompt, "").dump();
  return absl::StrCat("POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: ", body.size(), "\r\n\r\n",
                      body);
}

RawClient::Response RawClient::Ask(const std::string& prompt) {
  Send(RequestFor(prompt));
  return Receive();
}

}  // namespace quern::simulator

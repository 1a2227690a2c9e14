#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/child_process.h"

namespace quern::simulator {

// A running quern-model-simulator on a port of its own.
class RunningSimulator {
 public:
  // Starts it with `flags` and waits until it listens; the test fails when it does not.
  explicit RunningSimulator(const std::vector<std::string>& flags);

  testing::ChildProcess& process() { return *process_; }
  uint16_t port() const { return port_; }

 private:
  std::unique_ptr<testing::ChildProcess> process_;
  uint16_t port_ = 0;
};

// A connection to it, without a client's cleverness. Throws boost::system::system_error when the server breaks it.
class RawClient {
 public:
  using Response = boost::beast::http::response<boost::beast::http::string_body>;

  explicit RawClient(uint16_t port);

  void Send(const std::string& bytes);
  // The next reply. The connection stays open.
  Response Receive();
  // Posts `prompt` and waits for the reply.
  Response Ask(const std::string& prompt);
  // A request for `prompt`, head and body.
  static std::string RequestFor(const std::string& prompt);

  boost::asio::ip::tcp::socket& socket() { return socket_; }

 private:
  boost::asio::io_context loop_;
  boost::asio::ip::tcp::socket socket_{loop_};
  boost::beast::flat_buffer buffer_;
};

}  // namespace quern::simulator

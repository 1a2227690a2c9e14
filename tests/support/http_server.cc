#include "tests/support/http_server.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <memory>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/support/http_answer.h"

namespace quern::testing {
namespace {

using boost::asio::use_awaitable;
using boost::asio::ip::tcp;
namespace http = boost::beast::http;

HttpServer::Request Received(http::request<http::string_body>&& message) {
  HttpServer::Request request;
  request.method = std::string(message.method_string());
  request.target = std::string(message.target());
  for (const auto& field : message) request.headers.emplace_back(field.name_string(), field.value());
  request.body = std::move(message.body());
  return request;
}

// Counts a request as waiting for its end, however that comes.
class Waiting {
 public:
  Waiting(std::atomic<int>& now, std::atomic<int>& most) : now_(now) {
    const int count = ++now_;
    most = std::max<int>(most, count);
  }
  ~Waiting() { --now_; }

 private:
  std::atomic<int>& now_;
};

}  // namespace

std::string_view HttpServer::Request::Header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (absl::EqualsIgnoreCase(absl::string_view(key), absl::string_view(name.data(), name.size()))) return value;
  }
  return "";
}

HttpServer::HttpServer(Handler handler, uint16_t port) : handler_(std::move(handler)) {
  const tcp::endpoint endpoint(boost::asio::ip::address_v4::loopback(), port);
  acceptor_.open(endpoint.protocol());
  acceptor_.set_option(tcp::acceptor::reuse_address(true));
  acceptor_.bind(endpoint);
  acceptor_.listen();
  port_ = acceptor_.local_endpoint().port();
  boost::asio::co_spawn(loop_, Accept(), boost::asio::detached);
  thread_ = std::thread([this] { loop_.run(); });
}

HttpServer::~HttpServer() {
  loop_.stop();
  thread_.join();
}

std::string HttpServer::url() const { return absl::StrCat("http://127.0.0.1:", port_); }

boost::asio::awaitable<void> HttpServer::Accept() {
  for (;;) {
    tcp::socket socket = co_await acceptor_.async_accept(use_awaitable);
    socket.set_option(tcp::no_delay(true));
    boost::asio::co_spawn(loop_, Serve(std::move(socket), ++connections_), boost::asio::detached);
  }
}

boost::asio::awaitable<void> HttpServer::Serve(tcp::socket socket, int connection) {
  try {
    boost::beast::flat_buffer buffer;
    for (bool open = true; open;) {
      // On the heap, since it is large, and released while the answer waits.
      auto parser = std::make_unique<http::request_parser<http::string_body>>();
      parser->body_limit(boost::none);
      co_await http::async_read(socket, buffer, *parser, use_awaitable);
      const bool keep_alive = parser->keep_alive();
      Request request = Received(parser->release());
      parser.reset();
      request.connection = connection;
      request.number = requests_++;
      const Waiting waiting(at_once_, most_at_once_);
      const Response response = handler_(request);
      const bool more = co_await Answer(socket, response);
      open = more && keep_alive;
    }
  } catch (const boost::system::system_error&) {
    // The client hung up: that is its right.
  }
}

uint16_t UnusedPort() {
  boost::asio::io_context loop;
  const tcp::acceptor acceptor(loop, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
  return acceptor.local_endpoint().port();
}

}  // namespace quern::testing

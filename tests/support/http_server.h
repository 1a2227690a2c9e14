#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace quern::testing {

// A real HTTP/1.1 server on 127.0.0.1, with keep-alive, that answers what a test's handler says, well or badly. Runs on
// one thread of its own and serves thousands of connections. Thread-safe.
class HttpServer {
 public:
  struct Request {
    // The value of the first header of that name (in any case), or "".
    std::string_view Header(std::string_view name) const;

    std::string method;
    // As it came: "/v1/models", or "http://host:port/path" when a client takes this server for its proxy.
    std::string target;
    // In the order in which they came.
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    // Which connection it came over; they count from 1.
    int connection = 0;
    // How many requests came before this one, over all connections.
    int number = 0;
  };

  struct Response {
    enum class Manner {
      // Content-Length and the body.
      kWhole,
      // Transfer-Encoding: chunked, 1000 bytes a chunk.
      kChunked,
      // Closes the connection without a byte.
      kClose,
      // Resets the connection without a byte.
      kReset,
      // Sends the head and half of the body, then resets the connection.
      kResetMidBody,
      // Says nothing until the client hangs up.
      kNever,
    };

    Response() = default;
    explicit Response(std::string body_in, int status_in = 200) : status(status_in), body(std::move(body_in)) {}
    explicit Response(Manner manner_in) : manner(manner_in) {}

    int status = 200;
    // Content-Length, Content-Encoding and the like come by themselves.
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    Manner manner = Manner::kWhole;
    // Waits before it does anything, others are served meanwhile.
    absl::Duration delay;
    // Where given: waits after that until it holds. Asked every millisecond, on the server's thread.
    std::function<bool()> until;
    // Compresses the body with gzip, whether asked or not.
    bool gzip = false;
    // Says "Connection: close" and closes after the answer.
    bool close = false;
    // Goes over the wire before the answer as it stands, for example "HTTP/1.1 100 Continue\r\n\r\n".
    std::string preamble;
  };

  // Called on the server's thread, for one request at a time; must not block.
  using Handler = std::function<Response(const Request&)>;

  // Listens on `port`, 0 for a free one. A failure ends the program with a message.
  explicit HttpServer(Handler handler, uint16_t port = 0);
  // Closes every connection.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  uint16_t port() const { return port_; }
  // http://127.0.0.1:PORT, without a slash at the end.
  std::string url() const;

  // So far: connections accepted, requests that came whole, and the most of these that waited for their end at once.
  int connections() const { return connections_; }
  int requests() const { return requests_; }
  int most_at_once() const { return most_at_once_; }
  // Requests that wait for their end now.
  int at_once() const { return at_once_; }

 private:
  boost::asio::awaitable<void> Accept();
  boost::asio::awaitable<void> Serve(boost::asio::ip::tcp::socket socket, int connection);

  // Before the loop, whose end ends the coroutines that count here.
  const Handler handler_;
  std::atomic<int> connections_ = 0;
  std::atomic<int> requests_ = 0;
  std::atomic<int> at_once_ = 0;
  std::atomic<int> most_at_once_ = 0;
  boost::asio::io_context loop_{1};
  boost::asio::ip::tcp::acceptor acceptor_{loop_};
  uint16_t port_ = 0;
  std::thread thread_;
};

// A port of 127.0.0.1 on which nobody listens.
uint16_t UnusedPort();

}  // namespace quern::testing

#pragma once

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/llm/plain_call.h"
#include "common/llm/reply_parser.h"

namespace quern::llm {

class PlainServer;

// One connection to a server without TLS, which serves one call after another and sends nothing twice. Belongs to the
// loop's thread; what it waits for keeps it alive.
class PlainConnection : public std::enable_shared_from_this<PlainConnection> {
 public:
  using Addresses = std::vector<boost::asio::ip::tcp::endpoint>;

  // `server` outlives every run of the loop.
  PlainConnection(boost::asio::io_context& loop, PlainServer* server);
  PlainConnection(const PlainConnection&) = delete;
  PlainConnection& operator=(const PlainConnection&) = delete;

  // Takes the first call, which it serves after Connect. The call's time to connect runs.
  void Await(std::shared_ptr<PlainCall> call);
  // Tries the addresses, of which there are some, in turn, each for its share of the time that is left.
  void Connect(Addresses addresses);
  // Takes a call while it is idle and IsAlive.
  void Serve(std::shared_ptr<PlainCall> call);
  // Ends its call, of which it has one, and closes.
  void End(CURLcode code);
  void Close();

  // Whether the server has neither closed it nor said anything unasked.
  bool IsAlive();
  std::chrono::steady_clock::time_point idle_since() const { return idle_since_; }

 private:
  using Request = std::array<boost::asio::const_buffer, 4>;

  void TryNext();
  void Connected(const boost::asio::ip::tcp::endpoint& address);
  void Send();
  // What it sends for its call.
  Request WholeRequest() const;
  void SendRest(size_t sent);
  void AwaitBytes();
  void ReadBytes();
  // Reads them as the answer. True when more must come.
  bool Read(std::string_view bytes);
  void ServerClosed(const boost::system::error_code& error);
  void Answer();
  void Fail(HttpReply::Outcome outcome, CURLcode code);
  // TimeIsUp then. A wait that ends before costs nothing: most calls have longer to go than those before them.
  void SetDeadline(std::chrono::steady_clock::time_point when);
  void WaitUntil(std::chrono::steady_clock::time_point when);
  void TimeIsUp();

  PlainServer* const server_;
  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer timer_;
  bool waits_ = false;
  // Of what it does now; never, while it is idle.
  std::chrono::steady_clock::time_point deadline_ = std::chrono::steady_clock::time_point::max();

  // Null while it is idle, and after its end.
  std::shared_ptr<PlainCall> call_;
  Addresses addresses_;
  // How many were tried.
  size_t tried_ = 0;
  // errno of the last one, 0 where there was none.
  int connect_error_ = 0;
  bool connected_ = false;
  std::string head_;
  // Some of the request has left; all of it has; no more of it can.
  bool sent_ = false;
  bool sent_all_ = false;
  bool send_failed_ = false;
  bool awaits_bytes_ = false;
  HttpReply reply_;
  std::optional<ReplyParser> parser_;
  // What the parser reads together with what comes next.
  std::string unread_;
  std::chrono::steady_clock::time_point idle_since_;
};

}  // namespace quern::llm

#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/types/span.h"
#include "common/llm/plain_call.h"
#include "common/llm/plain_connection.h"

namespace quern::llm {

// A server without TLS: its addresses, and the connections to it that are kept. As many calls as are made at once have
// as many connections; the one that was used last is used first, so that those which are needed no more grow old, and
// are closed. Belongs to the loop's thread.
class PlainServer {
 public:
  // `loop` and `user_agent` must outlive it.
  PlainServer(boost::asio::io_context& loop, std::string host, std::string port, const std::string& user_agent);
  // Ends what is in flight. The loop must not run any more.
  ~PlainServer();
  PlainServer(const PlainServer&) = delete;
  PlainServer& operator=(const PlainServer&) = delete;

  void Start(std::shared_ptr<PlainCall> call);

  // For its connections.

  const std::string& user_agent() const { return user_agent_; }
  // For bytes that come: one for all, as they are read at once.
  absl::Span<char> buffer() { return absl::MakeSpan(buffer_); }
  // Connections try it first from now on.
  void Works(const boost::asio::ip::tcp::endpoint& address);
  // The call is over, and the connection may serve another.
  void Keep(const std::shared_ptr<PlainConnection>& connection);
  // The connection is closed.
  void Forget(const std::shared_ptr<PlainConnection>& connection);

 private:
  using Resolver = boost::asio::ip::tcp::resolver;

  // Null when there is none that can be used.
  std::shared_ptr<PlainConnection> TakeIdle();
  void LookUp();
  void LookedUp(const boost::system::error_code& error, const Resolver::results_type& found);
  // Closes what was idle for long, now and then while anything is idle.
  void CloseOldLater();

  boost::asio::io_context& loop_;
  const std::string host_;
  const std::string port_;
  const std::string& user_agent_;
  std::vector<char> buffer_;
  Resolver resolver_;
  bool looking_up_ = false;
  std::chrono::steady_clock::time_point looked_up_;
  PlainConnection::Addresses addresses_;
  // For the first look-up.
  std::vector<std::shared_ptr<PlainConnection>> waiting_;
  // The one that was used last is last.
  std::vector<std::shared_ptr<PlainConnection>> idle_;
  // Those that have a call.
  absl::flat_hash_set<std::shared_ptr<PlainConnection>> busy_;
  boost::asio::steady_timer cleaning_;
  bool cleans_ = false;
};

}  // namespace quern::llm

#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/http.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "services/simulator/reply.h"
#include "services/simulator/simulator.h"

namespace quern::simulator {

// One client's connection: reads requests one after the other and sends what the simulator makes of each. Holds no
// buffer while it waits for a request or for a reply's time, so that tens of thousands may wait at once. Lives as long
// as something is awaited of it. All handlers run on the socket's loop; not thread-safe.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  // `simulator` outlives the loop.
  Connection(boost::asio::ip::tcp::socket socket, Simulator& simulator);

  void Start();

 private:
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

  void NewRequest();
  void WaitForBytes();
  void ReadBytes();
  // Takes what belongs to the request and keeps the rest.
  void Parse(std::string_view bytes);
  void RefuseRequest();
  void Answer();
  void SendReply();
  void SendBytes(size_t bytes);
  void AfterReply();
  void Reset();
  // Reads and forgets until the client leaves.
  void WaitForEnd();

  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer timer_;
  Simulator& simulator_;
  std::optional<Parser> parser_;
  // Bytes that the parser could not take yet.
  std::string rest_;
  bool continued_ = false;
  bool keep_alive_ = true;
  Reply reply_;
  std::string wire_;
};

}  // namespace quern::simulator

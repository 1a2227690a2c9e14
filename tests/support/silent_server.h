#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace quern::testing {

// A listener on 127.0.0.1 that never accepts, with its queue full: it keeps connections waiting as a silent firewall
// does.
class SilentServer {
 public:
  SilentServer() {
    acceptor_.open(boost::asio::ip::tcp::v4());
    acceptor_.bind({boost::asio::ip::address_v4::loopback(), 0});
    acceptor_.listen(0);
    const boost::asio::ip::tcp::endpoint own = endpoint();
    for (int i = 0; i < 3; ++i) {
      boost::asio::ip::tcp::socket& socket = waiting_.emplace_back(loop_, own.protocol());
      socket.native_non_blocking(true);
      // Asio's own connect waits for the end.
      ::connect(socket.native_handle(), own.data(), own.size());
    }
  }

  boost::asio::ip::tcp::endpoint endpoint() const { return acceptor_.local_endpoint(); }
  std::string url() const { return absl::StrCat("http://127.0.0.1:", endpoint().port()); }

 private:
  boost::asio::io_context loop_;
  boost::asio::ip::tcp::acceptor acceptor_{loop_};
  std::vector<boost::asio::ip::tcp::socket> waiting_;
};

}  // namespace quern::testing

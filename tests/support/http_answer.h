#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "tests/support/http_server.h"

namespace quern::testing {

// Gives `response` to the client at the other end of `socket`. False when the connection is over after that. Throws
// boost::system::system_error when the client hangs up.
boost::asio::awaitable<bool> Answer(boost::asio::ip::tcp::socket& socket, const HttpServer::Response& response);

}  // namespace quern::testing

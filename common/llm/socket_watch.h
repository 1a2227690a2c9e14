#pragma once

#include <curl/curl.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <memory>

namespace quern::llm {

// Waits for what libcurl wants to know of one of its sockets. The socket stays libcurl's, which closes it. Belongs to
// the loop's thread.
class SocketWatch : public std::enable_shared_from_this<SocketWatch> {
 public:
  // Called with CURL_CSELECT_IN or CURL_CSELECT_OUT whenever it is ready for what is wanted.
  using OnReady = std::function<void(curl_socket_t socket, int ready)>;

  SocketWatch(boost::asio::io_context& loop, curl_socket_t socket, const OnReady& on_ready);
  ~SocketWatch();

  // `wanted` is CURL_POLL_IN, _OUT, _INOUT or _NONE; replaces what was wanted before.
  void Want(int wanted);
  // No call of OnReady from here on. The socket may be closed afterwards.
  void End();

 private:
  void Arm();
  void Wait(boost::asio::posix::descriptor_base::wait_type type, int direction);

  const curl_socket_t socket_;
  const OnReady& on_ready_;
  boost::asio::posix::stream_descriptor descriptor_;
  // CURL_POLL_IN is the bit CURL_CSELECT_IN, and so is OUT.
  int wanted_ = 0;
  int waiting_ = 0;
  bool ended_ = false;
};

}  // namespace quern::llm

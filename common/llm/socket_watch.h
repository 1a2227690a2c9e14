#pragma once

#include <curl/curl.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <memory>

namespace quern::llm {

// Waits for what libcurl wants to know of one of its sockets, by a descriptor of its own: what it does is always about
// that socket, also when libcurl has closed it and its number is another's. The socket ends when both have closed it.
// Belongs to the loop's thread.
class SocketWatch : public std::enable_shared_from_this<SocketWatch> {
 public:
  // Called with CURL_CSELECT_IN or CURL_CSELECT_OUT whenever it is ready for what is wanted.
  using OnReady = std::function<void(curl_socket_t socket, int ready)>;

  // Null, with errno set, when there is no descriptor to be had. The references must outlive it.
  static std::shared_ptr<SocketWatch> Of(boost::asio::io_context& loop, curl_socket_t socket, const OnReady& on_ready);
  // For Of alone. `duplicate` is its own.
  SocketWatch(boost::asio::io_context& loop, curl_socket_t socket, int duplicate, const OnReady& on_ready);
  ~SocketWatch();

  // `wanted` is CURL_POLL_IN, _OUT, _INOUT or _NONE; replaces what was wanted before.
  void Want(int wanted);
  int wanted() const { return wanted_; }
  // Whether `socket` is the socket that it was made for, and not another of the same number.
  bool Watches(curl_socket_t socket);
  // No call of OnReady from here on.
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

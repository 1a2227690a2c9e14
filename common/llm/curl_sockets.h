#pragma once

#include <curl/curl.h>

#include <boost/asio/io_context.hpp>
#include <memory>

#include "absl/container/flat_hash_map.h"
#include "common/llm/socket_watch.h"

namespace quern::llm {

// The sockets of one multi handle and who waits for them. A connection is watched from its opening to its closing, and
// not for each request anew: that would cost two system calls a request. Belongs to the loop's thread.
class CurlSockets {
 public:
  // The arguments must outlive it.
  CurlSockets(boost::asio::io_context& loop, const SocketWatch::OnReady& on_ready) : loop_(loop), on_ready_(on_ready) {}
  // After libcurl has closed its connections.
  ~CurlSockets();
  CurlSockets(const CurlSockets&) = delete;
  CurlSockets& operator=(const CurlSockets&) = delete;

  // Has libcurl close through it the connections that it opens for `easy`. The handle's OPENSOCKETFUNCTION must call
  // Open.
  void Serve(CURL* easy);
  // CURL_SOCKET_BAD, with errno set, when there is none to be had.
  curl_socket_t Open(const curl_sockaddr& address);
  // What libcurl wants to know of a socket from here on: CURL_POLL_….
  void Watch(curl_socket_t socket, int wanted);

 private:
  static int OnClose(void* self, curl_socket_t socket);

  void End(curl_socket_t socket);

  struct Watched {
    std::shared_ptr<SocketWatch> watch;
    // Opened and closed here; others are libcurl's own, such as the pipes of its look-ups, which it closes without a
    // word.
    bool connection = false;
  };

  boost::asio::io_context& loop_;
  const SocketWatch::OnReady& on_ready_;
  absl::flat_hash_map<curl_socket_t, Watched> watched_;
};

}  // namespace quern::llm

#pragma once

#include <curl/curl.h>

#include <boost/asio/io_context.hpp>
#include <memory>

#include "absl/container/flat_hash_map.h"
#include "common/llm/socket_watch.h"

namespace quern::llm {

// The sockets of one multi handle and who waits for them. A connection is watched from its opening to its closing, and
// not for each request anew: that would cost two system calls a request.
//
// libcurl closes some sockets without a word: the pipes of its look-ups, and sockets that it opened and never got
// connected. By then another thread may have opened something of the same number, or libcurl itself its next socket, of
// which it says nothing when it waits for the same as before. So a watch has a descriptor of its own, and whoever opens
// a socket looks for what was left of the one before. Belongs to the loop's thread.
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

  // What `socket` was waited for until now: CURL_POLL_….
  int End(curl_socket_t socket);

  struct Watched {
    std::shared_ptr<SocketWatch> watch;
    bool connection = false;
    // A connection that libcurl kept after a transfer: it will say when it closes it.
    bool kept = false;
  };

  boost::asio::io_context& loop_;
  const SocketWatch::OnReady& on_ready_;
  absl::flat_hash_map<curl_socket_t, Watched> watched_;
};

}  // namespace quern::llm

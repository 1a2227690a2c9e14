#include "common/llm/socket_watch.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>

namespace quern::llm {
namespace {

static_assert(CURL_POLL_IN == CURL_CSELECT_IN && CURL_POLL_OUT == CURL_CSELECT_OUT);

// The kernel's name for a socket, which no other ever has; 0 for what is none.
uint64_t Cookie(int socket) {
  uint64_t cookie = 0;
  socklen_t size = sizeof(cookie);
  return getsockopt(socket, SOL_SOCKET, SO_COOKIE, &cookie, &size) == 0 ? cookie : 0;
}

}  // namespace

std::shared_ptr<SocketWatch> SocketWatch::Of(boost::asio::io_context& loop, curl_socket_t socket,
                                             const OnReady& on_ready) {
  const int duplicate = fcntl(socket, F_DUPFD_CLOEXEC, 0);
  return duplicate < 0 ? nullptr : std::make_shared<SocketWatch>(loop, socket, duplicate, on_ready);
}

SocketWatch::SocketWatch(boost::asio::io_context& loop, curl_socket_t socket, int duplicate, const OnReady& on_ready)
    : socket_(socket), on_ready_(on_ready), descriptor_(loop, duplicate) {}

SocketWatch::~SocketWatch() { End(); }

bool SocketWatch::Watches(curl_socket_t socket) { return Cookie(socket) == Cookie(descriptor_.native_handle()); }

void SocketWatch::Want(int wanted) {
  wanted_ = wanted;
  Arm();
}

void SocketWatch::End() {
  if (ended_) return;
  ended_ = true;
  // close() alone would leave it registered with the loop as long as libcurl's own is open.
  ::close(descriptor_.release());
}

void SocketWatch::Arm() {
  using Type = boost::asio::posix::descriptor_base;
  if (wanted_ & CURL_POLL_IN) Wait(Type::wait_read, CURL_CSELECT_IN);
  if (wanted_ & CURL_POLL_OUT) Wait(Type::wait_write, CURL_CSELECT_OUT);
}

void SocketWatch::Wait(boost::asio::posix::descriptor_base::wait_type type, int direction) {
  if (ended_ || (waiting_ & direction)) return;
  waiting_ |= direction;
  descriptor_.async_wait(type, [self = shared_from_this(), direction](const boost::system::error_code& error) {
    self->waiting_ &= ~direction;
    // A wait can't be taken back alone: it may be over when nobody wants it any more.
    if (error || self->ended_ || !(self->wanted_ & direction)) return;
    self->on_ready_(self->socket_, direction);
    self->Arm();
  });
}

}  // namespace quern::llm

#include "common/llm/socket_watch.h"

namespace quern::llm {

static_assert(CURL_POLL_IN == CURL_CSELECT_IN && CURL_POLL_OUT == CURL_CSELECT_OUT);

SocketWatch::SocketWatch(boost::asio::io_context& loop, curl_socket_t socket, const OnReady& on_ready)
    : socket_(socket), on_ready_(on_ready), descriptor_(loop, socket) {}

SocketWatch::~SocketWatch() { End(); }

void SocketWatch::Want(int wanted) {
  wanted_ = wanted;
  Arm();
}

void SocketWatch::End() {
  if (ended_) return;
  ended_ = true;
  descriptor_.release();
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

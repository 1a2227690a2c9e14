#include "common/llm/plain_connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_suffix.hpp>
#include <boost/beast/http/error.hpp>
#include <cerrno>
#include <utility>

#include "common/llm/gunzip.h"
#include "common/llm/plain_server.h"

namespace quern::llm {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using Clock = std::chrono::steady_clock;
using boost::system::error_code;

void SetOption(int socket, int level, int option, int value) {
  // Without it the connection works as well, if less promptly.
  static_cast<void>(setsockopt(socket, level, option, &value, sizeof(value)));
}

// Closed on exec, and not blocking; -1, with errno set, when there is none to be had.
int OpenSocket(const tcp& protocol) {
  const int socket = ::socket(protocol.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol.protocol());
  if (socket < 0) return socket;
  SetOption(socket, IPPROTO_TCP, TCP_NODELAY, 1);
  // Address translators forget silent connections; models think for minutes.
  constexpr int kSeconds = 60;
  SetOption(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
  SetOption(socket, IPPROTO_TCP, TCP_KEEPIDLE, kSeconds);
  SetOption(socket, IPPROTO_TCP, TCP_KEEPINTVL, kSeconds);
  return socket;
}

}  // namespace

PlainConnection::PlainConnection(asio::io_context& loop, PlainServer* server)
    : server_(server), socket_(loop), timer_(loop) {}

void PlainConnection::Await(std::shared_ptr<PlainCall> call) {
  call_ = std::move(call);
  SetDeadline(call_->connect_by());
}

void PlainConnection::Connect(Addresses addresses) {
  addresses_ = std::move(addresses);
  // Its time was up before there were any.
  if (call_ != nullptr) TryNext();
}

void PlainConnection::TryNext() {
  while (tried_ < addresses_.size()) {
    const auto left = call_->connect_by() - Clock::now();
    const tcp::endpoint address = addresses_[tried_];
    SetDeadline(Clock::now() + left / static_cast<int>(addresses_.size() - tried_));
    ++tried_;
    const int fd = OpenSocket(address.protocol());
    error_code error;
    if (fd >= 0) socket_.assign(address.protocol(), fd, error);
    if (fd >= 0 && error) ::close(fd);
    if (fd < 0 || error) {
      connect_error_ = fd < 0 ? errno : error.value();
      continue;
    }
    socket_.async_connect(address, [self = shared_from_this(), try_ = tried_, address](const error_code& failed) {
      // Its time was up.
      if (self->call_ == nullptr || self->tried_ != try_) return;
      if (!failed) return self->Connected(address);
      self->connect_error_ = failed.value();
      error_code ignored;
      self->socket_.close(ignored);
      self->TryNext();
    });
    return;
  }
  End(CURLE_COULDNT_CONNECT);
}

void PlainConnection::Connected(const tcp::endpoint& address) {
  connected_ = true;
  error_code ignored;
  socket_.non_blocking(true, ignored);
  server_->Works(address);
  Send();
}

void PlainConnection::Serve(std::shared_ptr<PlainCall> call) {
  call_ = std::move(call);
  Send();
}

void PlainConnection::Send() {
  SetDeadline(call_->end_by());
  sent_ = sent_all_ = send_failed_ = false;
  reply_ = HttpReply();
  parser_.emplace(&reply_, call_->request().max_reply_bytes);
  unread_.clear();
  head_ = call_->Head(server_->user_agent());
  const Request request = WholeRequest();
  error_code error;
  const size_t sent = socket_.write_some(request, error);
  if (error && error != asio::error::would_block) return End(CURLE_RECV_ERROR);
  sent_ = sent > 0;
  sent_all_ = sent == asio::buffer_size(request);
  if (sent_all_) {
    call_->ForgetBody();
  } else {
    SendRest(sent);
  }
  if (!awaits_bytes_) AwaitBytes();
}

PlainConnection::Request PlainConnection::WholeRequest() const {
  const auto [before, shared, after] = call_->request().body.parts();
  return {asio::buffer(head_), asio::buffer(before), asio::buffer(shared), asio::buffer(after)};
}

void PlainConnection::SendRest(size_t sent) {
  boost::beast::buffers_suffix<Request> rest(WholeRequest());
  rest.consume(sent);
  // An answer may come before all has left, and end the call: its bytes stay until this is over.
  asio::async_write(socket_, rest, [self = shared_from_this(), call = call_](const error_code& error, size_t more) {
    if (!error) call->ForgetBody();
    if (self->call_ != call) return;
    self->sent_ = self->sent_ || more > 0;
    // Why it hung up the server may have said before.
    (error ? self->send_failed_ : self->sent_all_) = true;
  });
}

void PlainConnection::AwaitBytes() {
  awaits_bytes_ = true;
  socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this()](const error_code& error) {
    self->awaits_bytes_ = false;
    if (!error) self->ReadBytes();
  });
}

void PlainConnection::ReadBytes() {
  if (call_ == nullptr) {
    // Closed by the server, or talking unasked.
    server_->Forget(shared_from_this());
    return Close();
  }
  const absl::Span<char> buffer = server_->buffer();
  while (true) {
    error_code error;
    const size_t count = socket_.read_some(asio::buffer(buffer.data(), buffer.size()), error);
    if (error == asio::error::would_block) break;
    if (error) return ServerClosed(error);
    if (!Read(std::string_view(buffer.data(), count))) return;
    if (count < buffer.size()) break;
  }
  AwaitBytes();
}

bool PlainConnection::Read(std::string_view bytes) {
  sent_ = true;
  std::string joined;
  if (!unread_.empty()) {
    joined = std::exchange(unread_, {});
    joined.append(bytes);
    bytes = joined;
  }
  while (!bytes.empty()) {
    error_code error;
    const size_t read = parser_->put(asio::buffer(bytes), error);
    bytes.remove_prefix(read);
    const bool too_long = error == http::error::body_limit || error == http::error::header_limit;
    if (error && error != http::error::need_more) {
      Fail(too_long ? HttpReply::Outcome::kTooLong : HttpReply::Outcome::kLost,
           too_long ? CURLE_WRITE_ERROR : CURLE_WEIRD_SERVER_REPLY);
      return false;
    }
    if (parser_->interim()) {
      parser_.emplace(&reply_, call_->request().max_reply_bytes);
    } else if (parser_->is_done()) {
      unread_ = bytes;
      Answer();
      return false;
    } else if (error || read == 0) {
      break;
    }
  }
  unread_ = bytes;
  return true;
}

void PlainConnection::ServerClosed(const error_code& error) {
  if (!parser_->got_some() && unread_.empty()) return End(send_failed_ ? CURLE_SEND_ERROR : CURLE_GOT_NOTHING);
  if (error != asio::error::eof) return End(CURLE_RECV_ERROR);
  error_code cut;
  if (parser_->is_header_done()) parser_->put_eof(cut);
  if (cut || !parser_->is_done()) return End(CURLE_PARTIAL_FILE);
  Answer();
}

void PlainConnection::Answer() {
  if (parser_->unknown_encoding()) return Fail(HttpReply::Outcome::kLost, CURLE_BAD_CONTENT_ENCODING);
  if (parser_->gzip()) {
    const std::string compressed = std::exchange(reply_.body, {});
    const Gunzipped gunzipped = Gunzip(compressed, call_->request().max_reply_bytes, &reply_.body);
    if (gunzipped == Gunzipped::kTooLong) return Fail(HttpReply::Outcome::kTooLong, CURLE_WRITE_ERROR);
    if (gunzipped == Gunzipped::kBroken) return Fail(HttpReply::Outcome::kLost, CURLE_BAD_CONTENT_ENCODING);
  }
  reply_.outcome = HttpReply::Outcome::kAnswered;
  const std::shared_ptr<PlainCall> call = std::exchange(call_, nullptr);
  if (sent_all_ && parser_->keep_alive() && unread_.empty()) {
    deadline_ = Clock::time_point::max();
    idle_since_ = Clock::now();
    if (!awaits_bytes_) AwaitBytes();
    server_->Keep(shared_from_this());
  } else {
    server_->Forget(shared_from_this());
    Close();
  }
  call->Finish(std::move(reply_));
}

void PlainConnection::End(CURLcode code) {
  Fail(sent_ ? HttpReply::Outcome::kLost : HttpReply::Outcome::kNotSent, code);
}

void PlainConnection::Fail(HttpReply::Outcome outcome, CURLcode code) {
  const std::shared_ptr<PlainCall> call = std::exchange(call_, nullptr);
  server_->Forget(shared_from_this());
  Close();
  call->Fail(outcome, {.code = code, .sent = sent_, .os_error = connected_ ? 0 : connect_error_});
}

bool PlainConnection::IsAlive() {
  char byte;
  return ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

void PlainConnection::SetDeadline(Clock::time_point when) {
  deadline_ = when;
  if (!waits_ || timer_.expiry() > when) WaitUntil(when);
}

void PlainConnection::WaitUntil(Clock::time_point when) {
  waits_ = true;
  timer_.expires_at(when);
  timer_.async_wait([self = shared_from_this()](const error_code& error) {
    if (error) return;
    self->waits_ = false;
    if (self->deadline_ <= Clock::now()) {
      self->TimeIsUp();
    } else if (self->deadline_ != Clock::time_point::max()) {
      self->WaitUntil(self->deadline_);
    }
  });
}

void PlainConnection::TimeIsUp() {
  if (connected_ || tried_ >= addresses_.size()) return End(CURLE_OPERATION_TIMEDOUT);
  error_code ignored;
  socket_.close(ignored);
  TryNext();
}

void PlainConnection::Close() {
  deadline_ = Clock::time_point::max();
  timer_.cancel();
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace quern::llm

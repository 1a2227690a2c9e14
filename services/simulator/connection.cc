#include "services/simulator/connection.h"

#include <array>
#include <boost/asio/write.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/absl_view.h"
#include "common/base/trace_context.h"
#include "services/simulator/fault_replies.h"
#include "services/simulator/reply_json.h"

namespace quern::simulator {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

constexpr size_t kMaxBodyBytes = 64 << 20;
// Between half a reply and the reset, so that the client has read the half: a reset overtakes what is not read.
constexpr auto kResetPause = std::chrono::milliseconds(20);

std::string_view StdText(boost::beast::string_view text) { return {text.data(), text.size()}; }

std::string HeadOf(const Reply& reply, bool keep_alive) {
  const std::string_view reason =
      reply.status == 529 ? "Overloaded" : StdText(http::obsolete_reason(static_cast<http::status>(reply.status)));
  std::string head = absl::StrCat("HTTP/1.1 ", reply.status, " ", AbslView(reason),
                                  "\r\nContent-Type: ", reply.content_type, "\r\nContent-Length: ", reply.body.size(),
                                  "\r\nConnection: ", keep_alive ? "keep-alive" : "close", "\r\n");
  for (const auto& [name, value] : reply.headers) absl::StrAppend(&head, name, ": ", value, "\r\n");
  return head + "\r\n";
}

}  // namespace

Connection::Connection(asio::ip::tcp::socket socket, Simulator& simulator)
    : socket_(std::move(socket)), timer_(socket_.get_executor()), simulator_(simulator) {}

void Connection::Start() {
  error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket_.non_blocking(true, ignored);
  NewRequest();
  WaitForBytes();
}

void Connection::NewRequest() {
  parser_.emplace();
  parser_->eager(true);
  parser_->body_limit(kMaxBodyBytes);
  continued_ = false;
}

void Connection::WaitForBytes() {
  socket_.async_wait(asio::socket_base::wait_read, [self = shared_from_this()](const error_code& error) {
    if (!error) self->ReadBytes();
  });
}

void Connection::ReadBytes() {
  // One for all connections of a thread: what it holds is parsed or kept before the next one reads.
  thread_local std::array<char, 256 * 1024> buffer;
  error_code error;
  const size_t read = socket_.read_some(asio::buffer(buffer), error);
  if (error == asio::error::would_block) return WaitForBytes();
  // The client has left: with the last handler goes the connection.
  if (error) return;
  Parse({buffer.data(), read});
}

void Connection::Parse(std::string_view bytes) {
  if (!rest_.empty()) {
    rest_.append(bytes);
    bytes = rest_;
  }
  size_t taken = 0;
  while (taken < bytes.size() && !parser_->is_done()) {
    error_code error;
    const size_t step = parser_->put(asio::buffer(bytes.data() + taken, bytes.size() - taken), error);
    taken += step;
    if (error && error != http::error::need_more) return RefuseRequest();
    if (step == 0) break;
  }
  rest_ = std::string(bytes.substr(taken));
  if (parser_->is_done()) return Answer();
  if (parser_->is_header_done() && !continued_ && parser_->get().count(http::field::expect) > 0) {
    // What curl wants to hear before it sends a long body. A few bytes fit into any socket's buffer.
    continued_ = true;
    error_code ignored;
    socket_.write_some(asio::buffer("HTTP/1.1 100 Continue\r\n\r\n", 25), ignored);
  }
  WaitForBytes();
}

void Connection::RefuseRequest() {
  keep_alive_ = false;
  reply_ = Reply(400, ErrorJson("This is no HTTP request, or too long a one.", "invalid_request_error"));
  SendReply();
}

void Connection::Answer() {
  auto request = parser_->release();
  parser_.reset();
  keep_alive_ = request.keep_alive();
  HttpQuery query;
  query.method = StdText(request.method_string());
  query.target = StdText(request.target());
  query.authorization = StdText(request[http::field::authorization]);
  query.traceparent = StdText(request[kTraceparent]);
  query.body = std::move(request.body());
  reply_ = simulator_.Handle(std::move(query));
  if (reply_.delay <= absl::ZeroDuration()) return SendReply();
  timer_.expires_after(absl::ToChronoNanoseconds(reply_.delay));
  timer_.async_wait([self = shared_from_this()](const error_code& error) {
    if (!error) self->SendReply();
  });
}

void Connection::SendReply() {
  if (reply_.ending == Ending::kHang) return WaitForEnd();
  if (reply_.ending == Ending::kClose) {
    reply_ = Reply();
    error_code ignored;
    socket_.close(ignored);
    return;
  }
  wire_ = HeadOf(reply_, keep_alive_);
  const size_t half = wire_.size() + reply_.body.size() / 2;
  wire_ += reply_.body;
  SendBytes(reply_.ending == Ending::kReset ? half : wire_.size());
}

void Connection::SendBytes(size_t bytes) {
  asio::async_write(socket_, asio::buffer(wire_.data(), bytes),
                    [self = shared_from_this()](const error_code& error, size_t /*written*/) {
                      if (!error) self->AfterReply();
                    });
}

void Connection::AfterReply() {
  wire_ = std::string();
  const bool reset = reply_.ending == Ending::kReset;
  // Gives the slot back.
  reply_ = Reply();
  if (reset) {
    timer_.expires_after(kResetPause);
    timer_.async_wait([self = shared_from_this()](const error_code& /*error*/) { self->Reset(); });
    return;
  }
  if (!keep_alive_) {
    // Not closed: bytes of the client that nobody read would turn the end into a reset.
    error_code ignored;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    return WaitForEnd();
  }
  NewRequest();
  if (rest_.empty()) return WaitForBytes();
  // The next request came with the last one.
  Parse(std::exchange(rest_, std::string()));
}

void Connection::Reset() {
  error_code ignored;
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  socket_.close(ignored);
}

void Connection::WaitForEnd() {
  socket_.async_wait(asio::socket_base::wait_read, [self = shared_from_this()](const error_code& failed) {
    if (failed) return;
    std::array<char, 4096> forgotten;
    error_code error;
    self->socket_.read_some(asio::buffer(forgotten), error);
    if (!error || error == asio::error::would_block) self->WaitForEnd();
  });
}

}  // namespace quern::simulator

#include "tests/support/http_answer.h"

#include <zlib.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "absl/strings/str_cat.h"

namespace quern::testing {
namespace {

using boost::asio::use_awaitable;
using Manner = HttpServer::Response::Manner;

std::string Gzip(const std::string& text) {
  z_stream stream{};
  constexpr int kGzipWindow = 15 + 16;
  if (deflateInit2(&stream, 6, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK) std::abort();
  std::string packed(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = text.size();
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = packed.size();
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END) std::abort();
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

std::string Head(const HttpServer::Response& response, size_t body_bytes) {
  std::string head = absl::StrCat("HTTP/1.1 ", response.status, " Scripted\r\n");
  for (const auto& [name, value] : response.headers) absl::StrAppend(&head, name, ": ", value, "\r\n");
  if (response.gzip) absl::StrAppend(&head, "Content-Encoding: gzip\r\n");
  if (response.close) absl::StrAppend(&head, "Connection: close\r\n");
  if (response.manner == Manner::kChunked) {
    absl::StrAppend(&head, "Transfer-Encoding: chunked\r\n\r\n");
  } else {
    absl::StrAppend(&head, "Content-Length: ", body_bytes, "\r\n\r\n");
  }
  return head;
}

std::string Chunks(const std::string& body) {
  constexpr size_t kChunk = 1000;
  std::string chunks;
  for (size_t at = 0; at < body.size(); at += kChunk) {
    const std::string chunk = body.substr(at, kChunk);
    absl::StrAppend(&chunks, absl::Hex(chunk.size()), "\r\n", chunk, "\r\n");
  }
  return chunks + "0\r\n\r\n";
}

void Reset(boost::asio::ip::tcp::socket& socket) {
  // Closing without lingering sends RST.
  socket.set_option(boost::asio::socket_base::linger(true, 0));
  socket.close();
}

boost::asio::awaitable<void> Sleep(const boost::asio::any_io_executor& executor, absl::Duration duration) {
  boost::asio::steady_timer timer(executor, absl::ToChronoNanoseconds(duration));
  co_await timer.async_wait(use_awaitable);
}

boost::asio::awaitable<void> Write(boost::asio::ip::tcp::socket& socket, const std::string& text) {
  const auto buffer = boost::asio::buffer(text);
  co_await boost::asio::async_write(socket, buffer, use_awaitable);
}

}  // namespace

boost::asio::awaitable<bool> Answer(boost::asio::ip::tcp::socket& socket, const HttpServer::Response& response) {
  const boost::asio::any_io_executor executor = socket.get_executor();
  if (response.delay > absl::ZeroDuration()) co_await Sleep(executor, response.delay);
  while (response.until && !response.until()) co_await Sleep(executor, absl::Milliseconds(1));
  if (!response.preamble.empty()) co_await Write(socket, response.preamble);
  std::string body = response.gzip ? Gzip(response.body) : response.body;
  switch (response.manner) {
    case Manner::kClose:
      co_return false;
    case Manner::kReset:
      Reset(socket);
      co_return false;
    case Manner::kNever: {
      char byte;
      const auto buffer = boost::asio::buffer(&byte, 1);
      for (;;) co_await socket.async_read_some(buffer, use_awaitable);
    }
    case Manner::kResetMidBody: {
      const std::string half = Head(response, body.size()) + body.substr(0, body.size() / 2);
      co_await Write(socket, half);
      Reset(socket);
      co_return false;
    }
    case Manner::kChunked:
      body = Chunks(body);
      break;
    case Manner::kWhole:
      break;
  }
  const std::string whole = Head(response, body.size()) + body;
  co_await Write(socket, whole);
  co_return !response.close;
}

}  // namespace quern::testing

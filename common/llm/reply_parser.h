#pragma once

#include <boost/beast/http/basic_parser.hpp>
#include <cstddef>
#include <string_view>

#include "common/llm/http_client.h"

namespace quern::llm {

// Reads an HTTP/1 response into an HttpReply as its bytes come: Beast reads the protocol, this keeps what callers want
// of it. Interim responses (1xx) need a parser each: see interim(). Thread-compatible.
class ReplyParser : public boost::beast::http::basic_parser<false> {
 public:
  // `reply` outlives it.
  ReplyParser(HttpReply* reply, size_t max_body_bytes);

  // The response is whole, and not the one that is waited for: 100 Continue, 103 Early Hints.
  bool interim() const { return is_done() && reply_->status < 200 && reply_->status != 101; }
  // The body is compressed with gzip.
  bool gzip() const { return gzip_; }
  // It is compressed in a way that nobody asked for.
  bool unknown_encoding() const { return unknown_encoding_; }

 private:
  using Error = boost::beast::error_code;
  using View = boost::beast::string_view;

  void on_request_impl(boost::beast::http::verb verb, View method, View target, int version, Error& error) override;
  void on_response_impl(int status, View reason, int version, Error& error) override;
  void on_field_impl(boost::beast::http::field field, View name, View value, Error& error) override;
  void on_header_impl(Error& error) override;
  void on_body_init_impl(const boost::optional<std::uint64_t>& content_length, Error& error) override;
  size_t on_body_impl(View body, Error& error) override;
  void on_chunk_header_impl(std::uint64_t size, View extensions, Error& error) override;
  size_t on_chunk_body_impl(std::uint64_t remain, View body, Error& error) override;
  void on_finish_impl(Error& error) override;

  HttpReply* const reply_;
  bool gzip_ = false;
  bool unknown_encoding_ = false;
};

}  // namespace quern::llm

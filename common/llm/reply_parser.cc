#include "common/llm/reply_parser.h"

#include <boost/beast/http/error.hpp>
#include <boost/beast/http/impl/basic_parser.hpp>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "common/base/absl_view.h"

namespace quern::llm {
namespace {

namespace http = boost::beast::http;

// No model's server comes near.
constexpr uint32_t kMaxHeaderBytes = 256 << 10;

}  // namespace

ReplyParser::ReplyParser(HttpReply* reply, size_t max_body_bytes) : reply_(reply) {
  eager(true);
  header_limit(kMaxHeaderBytes);
  body_limit(max_body_bytes);
}

void ReplyParser::on_request_impl(http::verb, View, View, int, Error&) {}

void ReplyParser::on_response_impl(int status, View, int, Error&) {
  reply_->status = status;
  reply_->http_version = 1;
  reply_->headers.clear();
  reply_->headers.reserve(16);
}

void ReplyParser::on_field_impl(http::field field, View name, View value, Error&) {
  auto& [key, text] =
      reply_->headers.emplace_back(std::string(name.data(), name.size()), std::string(value.data(), value.size()));
  absl::AsciiStrToLower(&key);
  if (field != http::field::content_encoding) return;
  gzip_ = absl::EqualsIgnoreCase(text, "gzip") || absl::EqualsIgnoreCase(text, "x-gzip");
  unknown_encoding_ = !gzip_ && !text.empty() && !absl::EqualsIgnoreCase(text, "identity");
}

void ReplyParser::on_header_impl(Error&) {}

void ReplyParser::on_body_init_impl(const boost::optional<std::uint64_t>& content_length, Error&) {
  // No more than the limit: else this is not called.
  if (content_length) reply_->body.reserve(*content_length);
}

size_t ReplyParser::on_body_impl(View body, Error&) {
  reply_->body.append(body.data(), body.size());
  return body.size();
}

void ReplyParser::on_chunk_header_impl(std::uint64_t, View, Error&) {}

size_t ReplyParser::on_chunk_body_impl(std::uint64_t, View body, Error& error) { return on_body_impl(body, error); }

void ReplyParser::on_finish_impl(Error&) {}

}  // namespace quern::llm

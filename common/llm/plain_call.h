#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "common/llm/curl_error.h"
#include "common/llm/http_body.h"
#include "common/llm/http_client.h"
#include "common/llm/reply_waiter.h"

namespace quern::llm {

// A request over a connection without TLS. Thread-compatible.
class PlainCall {
 public:
  // Whether it can be made: URLs with a password, TLS and proxies need libcurl.
  static bool CanMake(const HttpRequest& request);

  PlainCall(HttpRequest request, std::unique_ptr<ReplyWaiter> waiter);
  PlainCall(const PlainCall&) = delete;
  PlainCall& operator=(const PlainCall&) = delete;

  const HttpRequest& request() const { return request_; }
  // Host, and port where the URL has one.
  std::string_view authority() const { return authority_; }
  // All that goes before the body.
  std::string Head(std::string_view user_agent) const;
  // The body has left, and is never sent again: its memory serves the next one's.
  void ForgetBody() { request_.body = HttpBody(); }
  // When there must be a connection, and when the answer must be complete.
  std::chrono::steady_clock::time_point connect_by() const;
  std::chrono::steady_clock::time_point end_by() const;

  // Hands the answer to who waits. This or Fail, once.
  void Finish(HttpReply reply);
  // Tells who waits what went wrong. `outcome` is not kAnswered.
  void Fail(HttpReply::Outcome outcome, const CurlFailure& failure);

 private:
  HttpRequest request_;
  const std::unique_ptr<ReplyWaiter> waiter_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  // Of request_.url.
  std::string_view authority_;
  std::string_view path_;
};

}  // namespace quern::llm

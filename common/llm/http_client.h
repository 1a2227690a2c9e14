#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "common/llm/http_body.h"

namespace quern::llm {

// One HTTP request. Has a constructor because g++ 12 destroys aggregate temporaries twice in co_await.
struct HttpRequest {
  HttpRequest() = default;
  HttpRequest(std::string url_in, HttpBody body_in) : url(std::move(url_in)), body(std::move(body_in)) {}

  // http or https.
  std::string url;
  // "POST" or "GET".
  std::string method = "POST";
  // "Name: value". Accept is set by the client, and Content-Type: application/json where none is given.
  std::vector<std::string> headers;
  HttpBody body;
  // From the start to the last byte of the reply, and for the connection with its TLS handshake.
  absl::Duration timeout = absl::Seconds(600);
  absl::Duration connect_timeout = absl::Seconds(5);
  // A longer body (after decompression) ends the call.
  size_t max_reply_bytes = 16 << 20;
  // See quern.v1.ModelSpec. Empty: the environment's proxy, the system's certificates.
  std::string proxy;
  std::string ca_file;
};

// What became of a request.
struct HttpReply {
  enum class Outcome {
    // The server answered in full.
    kAnswered,
    // It certainly never got the request: no address, connection refused, TLS failed, no connection in time. Free.
    kNotSent,
    // The connection broke, or the time was up, after the request began to leave: it may be worked on, and billed.
    kLost,
    // The reply was longer than allowed.
    kTooLong,
  };

  HttpReply() = default;

  // The first header of that name (lower case), or "".
  std::string_view Header(std::string_view name) const;

  Outcome outcome = Outcome::kNotSent;
  // The HTTP status, when answered. 3xx is handed on: redirects are never followed.
  int status = 0;
  // The HTTP version of the answer: 1 (1.0 or 1.1) or 2; 0 when there was none.
  int http_version = 0;
  // Names in lower case, in the order in which they came.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  // What went wrong, for people; empty when answered. Names host and port, never a key.
  std::string error;
  // kLost because `timeout` was over.
  bool timed_out = false;
  // From the start of the call to its end.
  absl::Duration duration;
};

// An asynchronous HTTP client for thousands of calls in flight from one thread: HTTP/1.1 with keep-alive, HTTP/2 where
// a TLS server offers it, TLS, proxies, gzip. Never retries; never follows redirects. Thread-safe.
//
// Asio does the waiting. What goes to a server without TLS or proxy, as to models of one's own, goes over connections
// kept here (PlainHttp); for all else libcurl does the protocol, in many small multi handles ("shards"), because one
// handle with ten thousand connections to a host spends its time searching them.
class HttpClient {
 public:
  struct Options {
    // A request goes to the first shard with fewer than `shard_calls` in flight, so that calls that can share a
    // connection do, and when all have as many to the one with the fewest.
    size_t shards = 128;
    size_t shard_calls = 64;
    // Sent with every request.
    std::string user_agent = "quern";
  };

  HttpClient();
  explicit HttpClient(Options options);
  // Ends what is in flight as kLost or kNotSent; their coroutines resume on their own executors.
  ~HttpClient();

  // Sends the request; resumes on the caller's executor, whose loop is kept running meanwhile and must outlive the
  // call. Completes exactly once, never inside this call. Not cancelled by Asio's cancellation slots.
  boost::asio::awaitable<HttpReply> Send(HttpRequest request);

 private:
  class Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace quern::llm

#pragma once

#include <curl/curl.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/llm/curl_sockets.h"
#include "common/llm/http_client.h"
#include "common/llm/lookup_gate.h"
#include "common/llm/reply_waiter.h"

namespace quern::llm {

// One request on its way through a libcurl handle, to which it lends its bytes: neither moves until Finish. Settings
// that decide whether a request can be billed twice are all here. Thread-compatible.
class CurlTransfer {
 public:
  CurlTransfer(HttpRequest request, std::unique_ptr<ReplyWaiter> waiter);
  CurlTransfer(const CurlTransfer&) = delete;
  CurlTransfer& operator=(const CurlTransfer&) = delete;

  // Scheme, host and port, with the proxy: transfers that agree in it look up the same address.
  std::string server() const;

  // Sets up `easy`, a handle in its first state or reset. The other arguments must live until Finish, or until the
  // handle is reset, and `sockets` as long as libcurl keeps connections.
  void Prepare(CURL* easy, const std::string& user_agent, LookupGate& lookups, CurlSockets& sockets);

  // The try that libcurl has ended was no more than the wish to look up an address: wait at the gate, then Prepare
  // again.
  bool must_wait() const { return must_wait_; }

  // Hands the reply to who waits, before the handle is reset. Once.
  void Finish(CURLcode code);

  // The same for a transfer that has no handle, and has sent nothing.
  void Fail(CURLcode code);

 private:
  static size_t OnHeader(char* data, size_t size, size_t count, void* self);
  static size_t OnBody(char* data, size_t size, size_t count, void* self);
  static int OnLookup(void* resolver, void* reserved, void* self);
  static curl_socket_t OnOpenSocket(void* self, curlsocktype purpose, curl_sockaddr* address);
  static int OnRequest(void* self, char* remote_ip, char* local_ip, int remote_port, int local_port);

  void SetUpRequest();
  void SetUpConnection(const std::string& user_agent);
  size_t ReadHeader(std::string_view line);
  size_t ReadBody(std::string_view part);
  // Bytes of the request that libcurl gave to the kernel, those to a proxy and of an earlier try included.
  long BytesSent() const;
  HttpReply::Outcome Judge(CURLcode code, bool sent) const;

  const std::string body_;
  // Without its body.
  const HttpRequest request_;
  const std::unique_ptr<ReplyWaiter> waiter_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  CURL* easy_ = nullptr;
  LookupGate* lookups_ = nullptr;
  CurlSockets* sockets_ = nullptr;
  bool must_wait_ = false;
  // Nodes that point into request_: libcurl's own would copy each header.
  std::vector<curl_slist> headers_;
  // There is a connection, with its TLS, and the request itself is next.
  bool requesting_ = false;
  // BytesSent() when that began.
  long bytes_before_ = 0;
  // libcurl wanted to send the request again.
  bool resend_refused_ = false;
  size_t header_bytes_ = 0;
  bool too_long_ = false;
  HttpReply reply_;
  char error_[CURL_ERROR_SIZE] = "";
};

}  // namespace quern::llm

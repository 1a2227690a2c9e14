#include "common/llm/curl_transfer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/absl_view.h"
#include "common/llm/curl_error.h"

namespace quern::llm {
namespace {

// No model's server comes near; libcurl itself bounds a line, but not how many there are.
constexpr size_t kMaxHeaderBytes = 256 << 10;

long CurlMillis(absl::Duration duration) {
  // To libcurl 0 means forever.
  return std::clamp<int64_t>(absl::ToInt64Milliseconds(absl::Ceil(duration, absl::Milliseconds(1))), 1, 1L << 30);
}

}  // namespace

CurlTransfer::CurlTransfer(HttpRequest request, std::unique_ptr<ReplyWaiter> waiter)
    : body_(std::move(request.body).Joined()), request_(std::move(request)), waiter_(std::move(waiter)) {}

std::string CurlTransfer::server() const {
  const size_t host = request_.url.find("://");
  const size_t end = host == std::string::npos ? host : request_.url.find_first_of("/?#", host + 3);
  return absl::StrCat(AbslView(std::string_view(request_.url).substr(0, end)), " ", request_.proxy);
}

void CurlTransfer::Prepare(CURL* easy, const std::string& user_agent, LookupGate& lookups, CurlSockets& sockets) {
  easy_ = easy;
  lookups_ = &lookups;
  sockets_ = &sockets;
  must_wait_ = false;
  headers_.clear();
  curl_easy_setopt(easy, CURLOPT_PRIVATE, this);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error_);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &CurlTransfer::OnHeader);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &CurlTransfer::OnBody);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, &CurlTransfer::OnRequest);
  curl_easy_setopt(easy, CURLOPT_PREREQDATA, this);
  curl_easy_setopt(easy, CURLOPT_RESOLVER_START_FUNCTION, &CurlTransfer::OnLookup);
  curl_easy_setopt(easy, CURLOPT_RESOLVER_START_DATA, this);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &CurlTransfer::OnOpenSocket);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, this);
  sockets.Serve(easy);
  SetUpRequest();
  SetUpConnection(user_agent);
}

void CurlTransfer::SetUpRequest() {
  curl_easy_setopt(easy_, CURLOPT_URL, request_.url.c_str());
  const auto add = [this](const char* line) { headers_.push_back({const_cast<char*>(line), nullptr}); };
  headers_.reserve(request_.headers.size() + 3);
  if (request_.method == "GET") {
    curl_easy_setopt(easy_, CURLOPT_HTTPGET, 1L);
  } else {
    curl_easy_setopt(easy_, CURLOPT_POST, 1L);
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, body_.c_str());
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body_.size()));
    if (request_.method != "POST") curl_easy_setopt(easy_, CURLOPT_CUSTOMREQUEST, request_.method.c_str());
    const auto is_type = [](const std::string& header) { return absl::StartsWithIgnoreCase(header, "content-type:"); };
    if (std::none_of(request_.headers.begin(), request_.headers.end(), is_type)) add("Content-Type: application/json");
  }
  add("Accept: application/json");
  // Without it libcurl waits up to a second for "100 Continue" before a body of 1 MB.
  add("Expect:");
  for (const std::string& header : request_.headers) add(header.c_str());
  for (size_t i = 1; i < headers_.size(); ++i) headers_[i - 1].next = &headers_[i];
  curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, headers_.data());
  curl_easy_setopt(easy_, CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(easy_, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
}

void CurlTransfer::SetUpConnection(const std::string& user_agent) {
  curl_easy_setopt(easy_, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy_, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy_, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy_, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl_easy_setopt(easy_, CURLOPT_USERAGENT, user_agent.c_str());
  curl_easy_setopt(easy_, CURLOPT_TCP_NODELAY, 1L);
  // Proxies and address translators forget silent connections; models think for minutes.
  curl_easy_setopt(easy_, CURLOPT_TCP_KEEPALIVE, 1L);
  const absl::Duration waited = absl::FromChrono(std::chrono::steady_clock::now() - start_);
  curl_easy_setopt(easy_, CURLOPT_CONNECTTIMEOUT_MS, CurlMillis(request_.connect_timeout));
  curl_easy_setopt(easy_, CURLOPT_TIMEOUT_MS, CurlMillis(request_.timeout - waited));
  if (!request_.proxy.empty()) {
    curl_easy_setopt(easy_, CURLOPT_PROXY, request_.proxy.c_str());
    // The environment's no_proxy is about the environment's proxy.
    curl_easy_setopt(easy_, CURLOPT_NOPROXY, "");
  }
  if (!absl::StartsWithIgnoreCase(request_.url, "https:")) return;
  curl_easy_setopt(easy_, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  // The first connection's handshake tells whether the server speaks HTTP/2: the others wait for that, or each would
  // make a connection. (Of plain HTTP libcurl would know only after the first answer.)
  curl_easy_setopt(easy_, CURLOPT_PIPEWAIT, 1L);
  // With a folder of certificates libcurl can't keep them parsed, and parses some 140 for each connection.
  curl_easy_setopt(easy_, CURLOPT_CAPATH, nullptr);
  if (request_.ca_file.empty()) return;
  curl_easy_setopt(easy_, CURLOPT_CAINFO, request_.ca_file.c_str());
  curl_easy_setopt(easy_, CURLOPT_PROXY_CAINFO, request_.ca_file.c_str());
}

int CurlTransfer::OnLookup(void*, void*, void* self) {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  transfer.must_wait_ = !transfer.lookups_->Enter(transfer);
  return transfer.must_wait_ ? 1 : 0;
}

curl_socket_t CurlTransfer::OnOpenSocket(void* self, curlsocktype, curl_sockaddr* address) {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  // There is an address to connect to, and it is in the cache.
  transfer.lookups_->Leave(transfer, CURLE_OK);
  return transfer.sockets_->Open(*address);
}

int CurlTransfer::OnRequest(void* self, char*, char*, int, int) {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  // libcurl sends a request again when a connection that it used before closes without a byte of an answer. It may have
  // been worked on all the same, and whether to pay twice is not libcurl's to decide.
  const long bytes = transfer.BytesSent();
  if (transfer.requesting_ && bytes > transfer.bytes_before_) {
    transfer.resend_refused_ = true;
    return CURL_PREREQFUNC_ABORT;
  }
  transfer.requesting_ = true;
  transfer.bytes_before_ = bytes;
  return CURL_PREREQFUNC_OK;
}

size_t CurlTransfer::OnHeader(char* data, size_t size, size_t count, void* self) {
  return static_cast<CurlTransfer*>(self)->ReadHeader(std::string_view(data, size * count));
}

size_t CurlTransfer::OnBody(char* data, size_t size, size_t count, void* self) {
  return static_cast<CurlTransfer*>(self)->ReadBody(std::string_view(data, size * count));
}

size_t CurlTransfer::ReadHeader(std::string_view line) {
  header_bytes_ += line.size();
  if (header_bytes_ > kMaxHeaderBytes) {
    too_long_ = true;
    return 0;
  }
  if (line.starts_with("HTTP/")) {
    // What came before was another response's: 100 Continue, a proxy's.
    reply_.headers.clear();
    reply_.headers.reserve(16);
    return line.size();
  }
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return line.size();
  auto& [name, value] = reply_.headers.emplace_back(line.substr(0, colon), "");
  absl::AsciiStrToLower(&name);
  const absl::string_view stripped = absl::StripAsciiWhitespace(AbslView(line.substr(colon + 1)));
  value.assign(stripped.data(), stripped.size());
  return line.size();
}

size_t CurlTransfer::ReadBody(std::string_view part) {
  if (part.size() > request_.max_reply_bytes - reply_.body.size()) {
    too_long_ = true;
    return 0;
  }
  reply_.body.append(part);
  return part.size();
}

long CurlTransfer::BytesSent() const {
  long bytes = 0;
  curl_easy_getinfo(easy_, CURLINFO_REQUEST_SIZE, &bytes);
  return bytes;
}

HttpReply::Outcome CurlTransfer::Judge(CURLcode code, bool sent) const {
  if (code == CURLE_OK) return HttpReply::Outcome::kAnswered;
  if (too_long_) return HttpReply::Outcome::kTooLong;
  return sent ? HttpReply::Outcome::kLost : HttpReply::Outcome::kNotSent;
}

void CurlTransfer::Finish(CURLcode code) {
  lookups_->Leave(*this, code);
  const bool sent = requesting_ && BytesSent() > bytes_before_;
  reply_.outcome = Judge(code, sent);
  if (reply_.outcome == HttpReply::Outcome::kAnswered) {
    long status = 0, version = 0;
    curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(easy_, CURLINFO_HTTP_VERSION, &version);
    reply_.status = static_cast<int>(status);
    reply_.http_version = version >= CURL_HTTP_VERSION_2_0 ? 2 : 1;
  } else {
    CurlFailure failure;
    failure.code = resend_refused_ ? CURLE_GOT_NOTHING : code;
    failure.sent = sent;
    failure.details = error_;
    curl_easy_getinfo(easy_, CURLINFO_OS_ERRNO, &failure.os_error);
    reply_.error = ErrorForPeople(request_, failure);
    reply_.timed_out = sent && code == CURLE_OPERATION_TIMEDOUT;
    // Half an answer is none.
    reply_.headers.clear();
    reply_.body.clear();
  }
  reply_.duration = absl::FromChrono(std::chrono::steady_clock::now() - start_);
  waiter_->Complete(std::move(reply_));
}

void CurlTransfer::Fail(CURLcode code) {
  CurlFailure failure;
  failure.code = code;
  reply_.error = ErrorForPeople(request_, failure);
  reply_.duration = absl::FromChrono(std::chrono::steady_clock::now() - start_);
  waiter_->Complete(std::move(reply_));
}

}  // namespace quern::llm

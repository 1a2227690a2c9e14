#include "common/llm/curl_error.h"

#include <cstring>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/absl_view.h"
#include "common/llm/url_parts.h"

namespace quern::llm {
namespace {

std::string NameOf(const std::string& url) {
  const std::optional<HostAndPort> server = HostAndPortOf(url);
  return server ? absl::StrCat(server->host, ":", server->port) : "the URL";
}

// libcurl's words on TLS, proxies and names are about certificates, codes and hosts only.
std::string WithDetails(std::string_view what, const CurlFailure& failure) {
  if (failure.details.empty()) return std::string(what);
  return absl::StrCat(AbslView(what), " (", AbslView(failure.details), ")");
}

// Whose connection it is that fails: the proxy's own address is the one that is connected to.
std::string ThroughProxy(const HttpRequest& request) {
  if (request.proxy.empty()) return "";
  const std::optional<HostAndPort> proxy = HostAndPortOf(request.proxy);
  return proxy ? absl::StrCat(" through the proxy ", proxy->host, ":", proxy->port) : " through the proxy";
}

std::string NotSent(const HttpRequest& request, const CurlFailure& failure) {
  switch (failure.code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return "this name has no address";
    case CURLE_COULDNT_RESOLVE_PROXY:
      return "the proxy's name has no address";
    case CURLE_COULDNT_CONNECT:
      if (failure.os_error == 0) return absl::StrCat("cannot connect", ThroughProxy(request));
      return absl::StrCat("cannot connect", ThroughProxy(request), ": ",
                          std::strerror(static_cast<int>(failure.os_error)));
    case CURLE_OPERATION_TIMEDOUT:
      return absl::StrCat("no connection", ThroughProxy(request), " within ",
                          absl::FormatDuration(std::min(request.connect_timeout, request.timeout)));
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
      return WithDetails("TLS failed", failure);
    case CURLE_URL_MALFORMAT:
      return "this is no URL";
    case CURLE_UNSUPPORTED_PROTOCOL:
      return "neither http nor https";
    case CURLE_PROXY:
      return "the proxy refused the connection";
    case CURLE_RECV_ERROR:
      return WithDetails("the connection broke before anything was sent", failure);
    case CURLE_ABORTED_BY_CALLBACK:
      return "ended before anything was sent";
    default:
      return absl::StrCat("nothing was sent: ", curl_easy_strerror(failure.code));
  }
}

std::string Lost(const HttpRequest& request, const CurlFailure& failure) {
  switch (failure.code) {
    case CURLE_OPERATION_TIMEDOUT:
      return absl::StrCat("no complete answer within ", absl::FormatDuration(request.timeout));
    case CURLE_GOT_NOTHING:
      return "the server closed the connection without an answer";
    case CURLE_PARTIAL_FILE:
      return "the server closed the connection in the middle of its answer";
    case CURLE_SEND_ERROR:
      return "the connection broke while the request was sent";
    case CURLE_RECV_ERROR:
      return "the connection broke before the answer was complete";
    case CURLE_BAD_CONTENT_ENCODING:
      return "the answer is compressed badly";
    case CURLE_WRITE_ERROR:
      return "the answer is longer than allowed";
    case CURLE_ABORTED_BY_CALLBACK:
      return "ended before the answer was complete";
    default:
      return absl::StrCat("no usable answer: ", curl_easy_strerror(failure.code));
  }
}

}  // namespace

std::string ErrorForPeople(const HttpRequest& request, const CurlFailure& failure) {
  return absl::StrCat(NameOf(request.url), ": ", failure.sent ? Lost(request, failure) : NotSent(request, failure));
}

}  // namespace quern::llm

#include "common/llm/plain_call.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/absl_view.h"

namespace quern::llm {
namespace {

constexpr std::string_view kScheme = "http://";

// Up to the path.
std::string_view AuthorityOf(std::string_view url) {
  url.remove_prefix(kScheme.size());
  return url.substr(0, url.find_first_of("/?"));
}

}  // namespace

bool PlainCall::CanMake(const HttpRequest& request) {
  const std::string_view url = request.url;
  const auto plain = [](unsigned char c) { return c > 0x20 && c < 0x7f && c != '#' && c != '\\'; };
  return request.proxy.empty() && url.starts_with(kScheme) && std::all_of(url.begin(), url.end(), plain) &&
         !absl::StrContains(AbslView(AuthorityOf(url)), '@');
}

PlainCall::PlainCall(HttpRequest request, std::unique_ptr<ReplyWaiter> waiter)
    : request_(std::move(request)), waiter_(std::move(waiter)), authority_(AuthorityOf(request_.url)) {
  path_ = std::string_view(request_.url).substr(kScheme.size() + authority_.size());
}

std::string PlainCall::Head(std::string_view user_agent) const {
  const auto given = [&](absl::string_view name) {
    return std::any_of(request_.headers.begin(), request_.headers.end(),
                       [name](const std::string& header) { return absl::StartsWithIgnoreCase(header, name); });
  };
  const bool has_body = request_.method != "GET";
  std::string head;
  head.reserve(512);
  absl::StrAppend(&head, request_.method, path_.starts_with('/') ? " " : " /", AbslView(path_), " HTTP/1.1\r\n");
  if (!given("host:")) absl::StrAppend(&head, "Host: ", AbslView(authority_), "\r\n");
  if (!given("user-agent:")) absl::StrAppend(&head, "User-Agent: ", AbslView(user_agent), "\r\n");
  absl::StrAppend(&head, "Accept-Encoding: gzip\r\nAccept: application/json\r\n");
  if (has_body && !given("content-type:")) absl::StrAppend(&head, "Content-Type: application/json\r\n");
  for (const std::string& header : request_.headers) absl::StrAppend(&head, header, "\r\n");
  if (has_body) absl::StrAppend(&head, "Content-Length: ", request_.body.size(), "\r\n");
  absl::StrAppend(&head, "\r\n");
  return head;
}

std::chrono::steady_clock::time_point PlainCall::connect_by() const {
  return start_ + absl::ToChronoMilliseconds(std::min(request_.connect_timeout, request_.timeout));
}

std::chrono::steady_clock::time_point PlainCall::end_by() const {
  return start_ + absl::ToChronoMilliseconds(request_.timeout);
}

void PlainCall::Finish(HttpReply reply) {
  reply.duration = absl::FromChrono(std::chrono::steady_clock::now() - start_);
  waiter_->Complete(std::move(reply));
}

void PlainCall::Fail(HttpReply::Outcome outcome, const CurlFailure& failure) {
  HttpReply reply;
  reply.outcome = outcome;
  reply.error = ErrorForPeople(request_, failure);
  reply.timed_out = failure.sent && failure.code == CURLE_OPERATION_TIMEDOUT;
  Finish(std::move(reply));
}

}  // namespace quern::llm

#include "common/llm/batch/api.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/error.h"
#include "common/llm/batch/request_file.h"
#include "common/llm/reply.h"

namespace quern::batch {
namespace {

using Json = nlohmann::json;
using Verdict = llm::Reading::Verdict;

// Files take their time, whatever a reply of the model may take.
constexpr absl::Duration kFileTimeout = absl::Minutes(30);
// Shorter than the hold on a batch lasts (see Store): a request to create one never outlives it.
constexpr absl::Duration kShortTimeout = absl::Seconds(30);
constexpr size_t kMostDownloadBytes = size_t{4} << 30;
// A thousand of the account's newest batches are looked through for one that may or may not exist.
constexpr int kMostPages = 10;

absl::Duration ToDuration(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

std::string TextOf(const Json& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_string() ? at->get<std::string>() : "";
}

uint64_t NumberOf(const Json& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_number_unsigned() ? at->get<uint64_t>() : 0;
}

absl::StatusOr<Json> ParseObject(const std::string& body) {
  Json json = Json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (json.is_object()) return json;
  return MakeError(absl::StatusCode::kUnavailable, "NOT_JSON",
                   "the batch API's reply is no JSON object; check the base URL");
}

constexpr char kRetryAfter[] = "quern/retry-after";
// A provider that asks for more is asked again after this all the same.
constexpr absl::Duration kMostRetryAfter = absl::Minutes(15);

absl::Status WithRetryAfter(absl::Status trouble, std::optional<absl::Duration> wait) {
  if (wait) trouble.SetPayload(kRetryAfter, absl::Cord(absl::FormatDuration(*wait)));
  return trouble;
}

// What a reply other than a 2xx means to a batch.
absl::Status TroubleOf(const llm::HttpReply& reply, const std::string& method, const std::string& base_url) {
  const llm::Reading reading = llm::ReadReply(reply, 0, absl::Now());
  const std::string message = absl::StrCat(base_url, ": ", reading.message);
  if (reply.status == 404 && method == "GET") return MakeError(absl::StatusCode::kNotFound, "NO_SUCH_BATCH", message);
  if (reply.status == 404 || reply.status == 405) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "NO_BATCH_API",
                     absl::StrCat(message, " (if this server has no batch API, the model must do without `batch`)"));
  }
  switch (reading.verdict) {
    case Verdict::kOverloaded:
    case Verdict::kUnreachable:
    case Verdict::kBroken:
      return WithRetryAfter(MakeError(absl::StatusCode::kUnavailable, reading.reason, message), reading.retry_after);
    case Verdict::kForAPerson:
      return MakeError(absl::StatusCode::kFailedPrecondition, reading.reason, message);
    default:
      return MakeError(absl::StatusCode::kFailedPrecondition, "BATCH_REFUSED", message);
  }
}

BatchStatus ReadStatus(const Json& json) {
  BatchStatus status;
  status.status = TextOf(json, "status");
  status.output_file = TextOf(json, "output_file_id");
  status.error_file = TextOf(json, "error_file_id");
  if (const auto counts = json.find("request_counts"); counts != json.end() && counts->is_object()) {
    status.total = NumberOf(*counts, "total");
    status.done = NumberOf(*counts, "completed") + NumberOf(*counts, "failed");
  }
  const auto errors = json.find("errors");
  if (errors == json.end() || !errors->is_object()) return status;
  const auto data = errors->find("data");
  if (data == errors->end() || !data->is_array() || data->empty() || !data->front().is_object()) return status;
  status.error_code = TextOf(data->front(), "code");
  status.error_message = TextOf(data->front(), "message");
  return status;
}

// The batch in a page of the list whose metadata has the token; "" and the page's last id where it is not there.
std::string FindInPage(const Json& page, const std::string& token, std::string* last) {
  last->clear();
  const auto data = page.find("data");
  if (data == page.end() || !data->is_array()) return "";
  for (const Json& batch : *data) {
    if (!batch.is_object()) continue;
    *last = TextOf(batch, "id");
    const auto metadata = batch.find("metadata");
    if (metadata != batch.end() && metadata->is_object() && TextOf(*metadata, "quern_batch") == token) return *last;
  }
  const auto more = page.find("has_more");
  if (more == page.end() || !more->is_boolean() || !more->get<bool>()) last->clear();
  return "";
}

}  // namespace

absl::Duration RetryAfterOf(const absl::Status& trouble) {
  absl::Duration wait;
  const auto payload = trouble.GetPayload(kRetryAfter);
  if (!payload || !absl::ParseDuration(std::string(*payload), &wait)) return absl::ZeroDuration();
  return std::clamp(wait, absl::ZeroDuration(), kMostRetryAfter);
}

bool BatchStatus::ended() const {
  return status == "completed" || status == "failed" || status == "expired" || status == "cancelled";
}

Api::Api(Link* link, std::shared_ptr<llm::Model> model, std::string base_url)
    : link_(link), model_(std::move(model)), base_url_(std::move(base_url)) {}

llm::HttpRequest Api::Request(std::string method, const std::string& path, Length length) const {
  const v1::ModelSpec& spec = model_->spec();
  llm::HttpRequest request;
  request.method = std::move(method);
  request.url = base_url_ + path;
  request.timeout = length == Length::kLong ? kFileTimeout : std::min(kShortTimeout, ToDuration(spec.timeout()));
  request.connect_timeout = ToDuration(spec.connect_timeout());
  request.proxy = spec.proxy();
  request.ca_file = spec.ca_file();
  return request;
}

boost::asio::awaitable<absl::StatusOr<std::string>> Api::Send(llm::HttpRequest request) {
  const std::string method = request.method;
  for (std::string& header : model_->Headers()) request.headers.push_back(std::move(header));
  llm::HttpReply reply = co_await link_->Send(std::move(request));
  const bool answered = reply.outcome == llm::HttpReply::Outcome::kAnswered;
  if (answered && reply.status >= 200 && reply.status < 300) co_return std::move(reply.body);
  absl::Status trouble = TroubleOf(reply, method, base_url_);
  if (ErrorReason(trouble) == "KEY_REFUSED") model_->KeyRefused();
  co_return trouble;
}

boost::asio::awaitable<absl::StatusOr<std::string>> Api::SendForId(llm::HttpRequest request) {
  const absl::StatusOr<std::string> body = co_await Send(std::move(request));
  if (!body.ok()) co_return body.status();
  const absl::StatusOr<Json> json = ParseObject(*body);
  if (!json.ok()) co_return json.status();
  std::string id = TextOf(*json, "id");
  if (id.empty()) co_return MakeError(absl::StatusCode::kUnavailable, "NOT_JSON", "the batch API's reply has no id");
  co_return id;
}

boost::asio::awaitable<absl::StatusOr<std::string>> Api::Upload(std::string token, std::string lines) {
  UploadForm form = MakeUploadForm(token, lines);
  llm::HttpRequest request = Request("POST", "/files", Length::kLong);
  request.headers.push_back("Content-Type: " + form.content_type);
  request.body = std::move(form.body);
  lines = std::string();
  co_return co_await SendForId(std::move(request));
}

boost::asio::awaitable<absl::StatusOr<std::string>> Api::Create(std::string token, std::string file) {
  const Json metadata = {{"quern_batch", token}};
  const Json body = {{"input_file_id", file},
                     {"endpoint", "/v1/chat/completions"},
                     {"completion_window", "24h"},
                     {"metadata", metadata}};
  llm::HttpRequest request = Request("POST", "/batches", Length::kShort);
  request.body = body.dump();
  co_return co_await SendForId(std::move(request));
}

boost::asio::awaitable<absl::StatusOr<std::string>> Api::FindByToken(std::string token) {
  std::string after;
  for (int page = 0; page < kMostPages; ++page) {
    const std::string path = absl::StrCat("/batches?limit=100", after.empty() ? "" : "&after=", after);
    llm::HttpRequest request = Request("GET", path, Length::kShort);
    const absl::StatusOr<std::string> body = co_await Send(std::move(request));
    if (!body.ok()) co_return body.status();
    const absl::StatusOr<Json> json = ParseObject(*body);
    if (!json.ok()) co_return json.status();
    std::string found = FindInPage(*json, token, &after);
    if (!found.empty() || after.empty()) co_return found;
  }
  co_return std::string();
}

boost::asio::awaitable<absl::StatusOr<BatchStatus>> Api::Look(std::string id) {
  llm::HttpRequest request = Request("GET", "/batches/" + id, Length::kShort);
  const absl::StatusOr<std::string> body = co_await Send(std::move(request));
  if (!body.ok()) co_return body.status();
  const absl::StatusOr<Json> json = ParseObject(*body);
  if (!json.ok()) co_return json.status();
  co_return ReadStatus(*json);
}

boost::asio::awaitable<absl::StatusOr<std::string>> Api::Download(std::string file) {
  llm::HttpRequest request = Request("GET", "/files/" + file + "/content", Length::kLong);
  request.max_reply_bytes = kMostDownloadBytes;
  co_return co_await Send(std::move(request));
}

boost::asio::awaitable<absl::Status> Api::Cancel(std::string id) {
  llm::HttpRequest request = Request("POST", "/batches/" + id + "/cancel", Length::kShort);
  request.body = "{}";
  const absl::StatusOr<std::string> body = co_await Send(std::move(request));
  co_return body.status();
}

}  // namespace quern::batch

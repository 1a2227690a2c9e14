#include "services/simulator/batches.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "services/simulator/reply_json.h"

namespace quern::simulator {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kInvalidType = "invalid_request_error";

Reply Refused(int status, std::string_view message) { return Reply(status, ErrorJson(message, kInvalidType)); }

std::string DumpJson(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

// Ids of one life of the server must not be taken for those of another.
std::string NewId(std::string_view kind) {
  std::random_device random;
  return absl::StrFormat("%s-%08x%08x", kind, random(), random());
}

std::string TextIn(const Json& json, const char* key) {
  const auto at = json.find(key);
  return at != json.end() && at->is_string() ? at->get<std::string>() : "";
}

// The content of the form's part "file"; nullopt where there is none.
std::optional<std::string> FileOf(std::string_view form) {
  const size_t line = form.find("\r\n");
  if (line == std::string_view::npos || form.substr(0, 2) != "--") return std::nullopt;
  const std::string end = absl::StrCat("\r\n", std::string(form.substr(0, line)));
  size_t part = 0;
  while ((part = form.find("\r\n", part)) != std::string_view::npos) {
    const size_t content = form.find("\r\n\r\n", part);
    if (content == std::string_view::npos) return std::nullopt;
    const size_t stop = form.find(end, content + 4);
    if (stop == std::string_view::npos) return std::nullopt;
    if (form.substr(part, content - part).find("name=\"file\"") != std::string_view::npos) {
      return std::string(form.substr(content + 4, stop - content - 4));
    }
    part = stop + end.size();
  }
  return std::nullopt;
}

// A call's line in the output or error file.
std::string LineOf(const std::string& call, const Reply& reply, bool answered) {
  Json line = {{"id", NewId("batch_req")}, {"custom_id", call}};
  // A connection that breaks has no like in a file.
  const bool whole = answered && reply.ending == Ending::kWhole && reply.status > 0;
  Json body =
      Json::parse(whole ? reply.body : "{\"error\":{\"message\":\"The server had an error.\"}}", nullptr, false);
  if (body.is_discarded()) body = reply.body;
  if (answered) {
    line["response"] = {{"status_code", whole ? reply.status : 500}, {"request_id", "req"}};
    line["response"]["body"] = std::move(body);
    line["error"] = nullptr;
  } else {
    line["response"] = nullptr;
    line["error"] = {{"code", "batch_expired"},
                     {"message", "This request could not be executed before the completion window expired."}};
  }
  return DumpJson(line) + "\n";
}

// The file's calls; nullopt when a line is none, or a call's name comes twice.
std::optional<std::vector<std::string>> CallsOf(const std::string& lines) {
  std::vector<std::string> calls;
  std::set<std::string> names;
  for (size_t begin = 0; begin < lines.size();) {
    const size_t end = std::min(lines.find('\n', begin), lines.size());
    calls.push_back(lines.substr(begin, end - begin));
    const Json call = Json::parse(calls.back(), nullptr, false);
    const bool whole = call.is_object() && call.contains("body") && TextIn(call, "url") == "/v1/chat/completions";
    if (!whole || !names.insert(TextIn(call, "custom_id")).second) return std::nullopt;
    begin = end + 1;
  }
  return calls;
}

Json NullableText(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

}  // namespace

Batches::Batches(BatchOptions options, WorkOff work_off)
    : time_(options.time), work_off_(std::move(work_off)), faults_(std::move(options.faults)) {}

std::optional<Reply> Batches::Handle(std::string_view method, std::string_view target, std::string_view body) {
  const size_t question = std::min(target.find('?'), target.size());
  const std::string path(target.substr(0, question));
  const bool post = method == "POST";
  constexpr size_t kFiles = sizeof("/v1/files/") - 1;
  constexpr size_t kBatches = sizeof("/v1/batches/") - 1;
  if (path == "/v1/files" && post) return Upload(body);
  if (absl::StartsWith(path, "/v1/files/") && absl::EndsWith(path, "/content")) {
    return Content(path.substr(kFiles, path.size() - kFiles - sizeof("/content") + 1));
  }
  if (path == "/v1/batches") return post ? Create(body) : List(target.substr(question));
  if (!absl::StartsWith(path, "/v1/batches/")) return std::nullopt;
  if (!post) return Look(path.substr(kBatches));
  if (!absl::EndsWith(path, "/cancel")) return std::nullopt;
  return Cancel(path.substr(kBatches, path.size() - kBatches - sizeof("/cancel") + 1));
}

bool Batches::Meets(BatchFault fault) {
  const auto left = faults_.find(fault);
  if (left == faults_.end() || left->second == 0) return false;
  --left->second;
  return true;
}

std::string Batches::AddFile(std::string content) {
  if (content.empty()) return "";
  std::string id = NewId("file");
  files_[id] = std::move(content);
  return id;
}

Reply Batches::Upload(std::string_view body) {
  std::optional<std::string> content = FileOf(body);
  if (!content) return Refused(400, "The form has no file.");
  absl::MutexLock lock(&mutex_);
  if (Meets(BatchFault::kUpload500)) return Reply(500, ErrorJson("The file could not be kept.", "server_error"));
  const std::string id = AddFile(*std::move(content));
  return Reply(200, DumpJson({{"id", id}, {"object", "file"}, {"purpose", "batch"}}));
}

Reply Batches::Content(const std::string& file) {
  absl::MutexLock lock(&mutex_);
  const auto found = files_.find(file);
  if (found == files_.end()) return Refused(404, absl::StrCat("No such File object: ", file));
  return Reply(200, found->second);
}

Batches::Files Batches::Answer(const std::vector<std::string>& calls, bool half) const {
  Files files;
  for (size_t i = 0; i < calls.size(); ++i) {
    const Json call = Json::parse(calls[i]);
    const bool answered = !half || i < calls.size() / 2;
    const Reply reply = answered ? work_off_(DumpJson(call["body"])) : Reply();
    const bool good = answered && reply.status >= 200 && reply.status < 300 && reply.ending == Ending::kWhole;
    (good ? files.output : files.errors) += LineOf(TextIn(call, "custom_id"), reply, answered);
  }
  return files;
}

Reply Batches::Create(std::string_view body) {
  const Json request = Json::parse(body, nullptr, false);
  if (!request.is_object() || TextIn(request, "endpoint") != "/v1/chat/completions" ||
      TextIn(request, "completion_window") != "24h") {
    return Refused(400, "A batch needs input_file_id, endpoint /v1/chat/completions and completion_window 24h.");
  }
  Batch batch;
  std::string lines;
  bool lost = false;
  bool half = false;
  {
    absl::MutexLock lock(&mutex_);
    batch.input_file = TextIn(request, "input_file_id");
    const auto file = files_.find(batch.input_file);
    if (file == files_.end()) return Refused(400, absl::StrCat("No such File object: ", batch.input_file));
    lines = file->second;
  }
  const auto calls = CallsOf(lines);
  {
    absl::MutexLock lock(&mutex_);
    if (!calls || Meets(BatchFault::kInvalid)) batch.error_code = "invalid_json_line";
    if (batch.error_code.empty() && Meets(BatchFault::kTokenLimit)) batch.error_code = "token_limit_exceeded";
    lost = Meets(BatchFault::kCreationLost);
    half = batch.error_code.empty() && Meets(BatchFault::kExpiredHalf);
  }
  Files files;
  if (batch.error_code.empty()) files = Answer(*calls, half);
  absl::MutexLock lock(&mutex_);
  batch.id = NewId("batch");
  batch.metadata = request.contains("metadata") ? DumpJson(request["metadata"]) : "null";
  batch.created = absl::Now();
  batch.ends = batch.created + time_;
  batch.end = !batch.error_code.empty() ? "failed" : half ? "expired" : "completed";
  batch.calls = calls ? calls->size() : 0;
  batch.output_file = AddFile(std::move(files.output));
  batch.error_file = AddFile(std::move(files.errors));
  batches_.push_back(batch);
  Reply reply(200, JsonOf(batch, batch.created));
  if (lost) reply.ending = Ending::kClose;
  return reply;
}

std::string Batches::JsonOf(const Batch& batch, absl::Time now) const {
  const bool over = now >= batch.ends && time_ > absl::ZeroDuration();
  const absl::Duration age = now - batch.created;
  std::string status = age < time_ * 0.2 ? "validating" : age < time_ * 0.9 ? "in_progress" : "finalizing";
  if (over || time_ == absl::ZeroDuration()) status = batch.end;
  if (batch.cancelled) status = "cancelled";
  const bool ended = status == batch.end || status == "cancelled";
  Json json = {{"id", batch.id},
               {"object", "batch"},
               {"endpoint", "/v1/chat/completions"},
               {"input_file_id", batch.input_file},
               {"completion_window", "24h"},
               {"status", status},
               {"output_file_id", NullableText(ended ? batch.output_file : "")},
               {"error_file_id", NullableText(ended ? batch.error_file : "")},
               {"created_at", absl::ToUnixSeconds(batch.created)},
               {"request_counts", {{"total", batch.calls}, {"completed", ended ? batch.calls : 0}, {"failed", 0}}}};
  json["metadata"] = Json::parse(batch.metadata);
  json["errors"] = nullptr;
  if (status == "failed") {
    const char* const message = batch.error_code == "token_limit_exceeded"
                                    ? "Enqueued token limit reached for simulated in this organization."
                                    : "This line is not parseable as valid JSON.";
    Json error = {{"code", batch.error_code}, {"message", message}, {"line", 1}};
    json["errors"] = {{"object", "list"}};
    json["errors"]["data"] = Json::array({error});
  }
  return DumpJson(json);
}

Reply Batches::List(std::string_view query) {
  std::string after;
  uint64_t limit = 20;
  const auto value = [&](std::string_view name) {
    const size_t at = query.find(name);
    if (at == std::string_view::npos) return std::string();
    const std::string_view rest = query.substr(at + name.size());
    return std::string(rest.substr(0, rest.find('&')));
  };
  after = value("after=");
  if (const std::string text = value("limit="); !text.empty() && !absl::SimpleAtoi(text, &limit)) limit = 20;
  absl::MutexLock lock(&mutex_);
  std::string data;
  uint64_t listed = 0;
  bool more = false;
  bool begun = after.empty();
  const absl::Time now = absl::Now();
  for (auto batch = batches_.rbegin(); batch != batches_.rend(); ++batch) {
    if (!begun) {
      begun = batch->id == after;
      continue;
    }
    more = listed == limit;
    if (more) break;
    absl::StrAppend(&data, data.empty() ? "" : ",", JsonOf(*batch, now));
    ++listed;
  }
  return Reply(200,
               absl::StrCat("{\"object\":\"list\",\"data\":[", data, "],\"has_more\":", more ? "true" : "false", "}"));
}

Reply Batches::Look(const std::string& id) {
  absl::MutexLock lock(&mutex_);
  const auto found = std::find_if(batches_.begin(), batches_.end(), [&](const Batch& each) { return each.id == id; });
  if (found == batches_.end()) return Refused(404, absl::StrCat("No batch found with id '", id, "'."));
  return Reply(200, JsonOf(*found, absl::Now()));
}

Reply Batches::Cancel(const std::string& id) {
  absl::MutexLock lock(&mutex_);
  const auto found = std::find_if(batches_.begin(), batches_.end(), [&](const Batch& each) { return each.id == id; });
  if (found == batches_.end()) return Refused(404, absl::StrCat("No batch found with id '", id, "'."));
  const absl::Time now = absl::Now();
  if (now >= found->ends) return Refused(409, "Cannot cancel a batch that has ended.");
  found->cancelled = now;
  return Reply(200, JsonOf(*found, now));
}

}  // namespace quern::simulator

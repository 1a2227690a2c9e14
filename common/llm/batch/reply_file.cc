#include "common/llm/batch/reply_file.h"

#include <simdjson.h>

#include <nlohmann/json.hpp>

namespace quern::batch {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

std::string_view TextAt(const object& parent, std::string_view key) {
  std::string_view text;
  return parent.at_key(key).get_string().get(text) == simdjson::SUCCESS ? text : std::string_view();
}

// What stands in place of a response: OpenAI's words for a batch that ended before the call's turn.
llm::HttpReply ReplyOfError(const object& line) {
  object error;
  const bool told = line.at_key("error").get_object().get(error) == simdjson::SUCCESS;
  const std::string_view code = told ? TextAt(error, "code") : "";
  const std::string_view message = told ? TextAt(error, "message") : "the batch has neither a response nor an error";
  const bool too_late = code == "batch_expired" || code == "batch_cancelled";
  return ErrorReply(too_late ? 503 : 500, code, message);
}

bool ReadLine(std::string_view text, simdjson::dom::parser& parser, ReplyLine* line) {
  object root;
  // A copy, because the parser reads some bytes beyond the end.
  if (parser.parse(simdjson::padded_string(text)).get_object().get(root) != simdjson::SUCCESS) return false;
  line->call = TextAt(root, "custom_id");
  if (line->call.empty()) return false;
  object response;
  int64_t status = 0;
  element body;
  if (root.at_key("response").get_object().get(response) != simdjson::SUCCESS ||
      response.at_key("status_code").get_int64().get(status) != simdjson::SUCCESS ||
      response.at_key("body").get(body) != simdjson::SUCCESS) {
    line->reply = ReplyOfError(root);
    return true;
  }
  line->reply.outcome = llm::HttpReply::Outcome::kAnswered;
  line->reply.status = static_cast<int>(status);
  std::string_view plain;
  // A server that answered no JSON.
  line->reply.body = body.get_string().get(plain) == simdjson::SUCCESS ? std::string(plain) : simdjson::minify(body);
  return true;
}

}  // namespace

size_t ReadReplyFile(std::string_view file, const std::function<void(ReplyLine line)>& take) {
  simdjson::dom::parser parser;
  size_t passed_over = 0;
  while (!file.empty()) {
    const size_t end = std::min(file.find('\n'), file.size());
    const std::string_view text = file.substr(0, end);
    file.remove_prefix(std::min(end + 1, file.size()));
    if (text.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    ReplyLine line;
    if (ReadLine(text, parser, &line)) {
      take(std::move(line));
    } else {
      ++passed_over;
    }
  }
  return passed_over;
}

llm::HttpReply ErrorReply(int status, std::string_view code, std::string_view message) {
  llm::HttpReply reply;
  reply.outcome = llm::HttpReply::Outcome::kAnswered;
  reply.status = status;
  const nlohmann::json body = {{"error", {{"message", message}, {"code", code}}}};
  reply.body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return reply;
}

}  // namespace quern::batch

#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "common/llm/http_client.h"

namespace quern::batch {

// What a batch's file says about one call.
struct ReplyLine {
  // The custom_id.
  std::string call;
  // As if the call had been made alone. A line without a response is a 503 when the batch ended before its turn, else a
  // 500, with the line's error.
  llm::HttpReply reply;
};

// Reads a batch's output or error file and hands its lines to `take`. Lines that are no JSON, or name no call, are
// passed over; returns how many they were.
size_t ReadReplyFile(std::string_view file, const std::function<void(ReplyLine line)>& take);

// A reply of `status` with an error, as servers word them.
llm::HttpReply ErrorReply(int status, std::string_view code, std::string_view message);

}  // namespace quern::batch

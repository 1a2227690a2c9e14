#pragma once

#include <string>
#include <utility>
#include <vector>

#include "common/llm/reply.h"

namespace quern::llm {

inline const absl::Time kReplyTime = absl::FromCivil(absl::CivilSecond(2026, 3, 1, 12, 0, 0), absl::UTCTimeZone());

inline HttpReply Answered(int status, std::string body, std::vector<std::pair<std::string, std::string>> headers = {}) {
  HttpReply reply;
  reply.outcome = HttpReply::Outcome::kAnswered;
  reply.status = status;
  reply.body = std::move(body);
  reply.headers = std::move(headers);
  return reply;
}

inline Reading ReadAnswered(int status, std::string body) {
  return ReadReply(Answered(status, std::move(body)), 400, kReplyTime);
}

// A completion whose choice is `message` with `finish`, both JSON.
inline std::string Chat(const std::string& message, const std::string& finish = "\"stop\"",
                        const std::string& usage = R"({"prompt_tokens":90,"completion_tokens":7,"total_tokens":97})") {
  return R"({"id":"chatcmpl-1","object":"chat.completion","created":1772366400,"model":"m-1","choices":[{"index":0,)"
         R"("message":)" +
         message + R"(,"logprobs":null,"finish_reason":)" + finish + R"(}],"usage":)" + usage + "}";
}

}  // namespace quern::llm

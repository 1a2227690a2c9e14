#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/trace_context.h"
#include "common/llm/document_frame.h"
#include "common/llm/http_body.h"
#include "quern/v1/llm.pb.h"

namespace quern::llm {

// The shape that a reply must have.
struct ReplySchema {
  // 1 to 64 of [a-zA-Z0-9_-]; servers cache compiled schemas by it.
  std::string_view name;
  // A JSON Schema of an object, strict in OpenAI's sense: every property required, no others.
  std::string json;
};

// One question to a model: a user's message, a document's frame with a task after it, and, when the model is asked
// again, what it said and what was wrong with it.
struct ChatRequest {
  ChatRequest() = default;

  // What the message begins with. Null: nothing.
  std::shared_ptr<const DocumentFrame> frame;
  // The rest of it. Valid UTF-8.
  std::string task;
  // A reply to an earlier try and what was wrong with it. Both or none.
  std::string earlier_reply;
  std::string correction;
  // Null: free text. Outlives the call.
  const ReplySchema* schema = nullptr;
  v1::Sampling sampling;
  // Which of several samples of the same prompt this is; from the second on the seed is set so that they differ.
  uint32_t sample = 0;
  // Which attempt at its item this is: a batch answers the same question anew for another attempt, and not before.
  uint64_t attempt = 0;
  // The document's id: calls with the same one go to the same replica.
  std::string affinity;
  // The job that pays. Empty: an RPC, which no budget counts.
  std::string job;
  // Where calls wait for a place, the more urgent go first: the later a stage, so that documents that were begun are
  // finished, and records come early.
  uint32_t urgency = 0;
  // Label of the stage, for metrics.
  std::string_view stage;
  // Under which each HTTP request is made; not part of the question, nor of a batch. Without a trace id nothing is
  // said.
  TraceContext trace;

  std::string_view frame_text() const { return frame == nullptr ? std::string_view() : frame->text; }
  size_t prompt_bytes() const { return frame_text().size() + task.size() + earlier_reply.size() + correction.size(); }
};

// The body of the HTTP request, of which the frame is shared. `sampling` takes the place of the request's, and
// `max_tokens` that of the sampling's.
HttpBody ChatBody(const ChatRequest& request, const v1::Sampling& sampling, const v1::ModelSpec& model,
                  v1::StructuredOutput structured, uint32_t max_tokens);

}  // namespace quern::llm

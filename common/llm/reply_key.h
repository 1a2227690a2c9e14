#pragma once

#include <string>

#include "common/llm/chat_request.h"
#include "quern/v1/llm.pb.h"

namespace quern::llm {

// What a reply is cached by, 32 hexadecimal digits: all that the answer of a model to a first question follows from.
// These are the model as its server knows it and the further fields of its request, prompt, schema, sampling, and the
// sample's number. Not where it is served, with which key, or what the job calls it; nor who asks. `sampling` is
// complete: the stage's with the request's over it.
std::string ReplyKey(const v1::ModelSpec& model, const v1::Sampling& sampling, const ChatRequest& request);

}  // namespace quern::llm

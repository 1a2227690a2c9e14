#pragma once

#include "common/llm/http_client.h"

namespace quern::llm {

// Whoever waits for a reply: a coroutine, seen from the thread that does the calls. Thread-compatible.
class ReplyWaiter {
 public:
  virtual ~ReplyWaiter() = default;
  // Hands the reply over, without running what follows on this thread. At most once.
  virtual void Complete(HttpReply reply) = 0;
};

}  // namespace quern::llm

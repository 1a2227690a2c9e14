#pragma once

#include <simdjson.h>

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "common/llm/client.h"
#include "quern/v1/work.pb.h"

namespace quern::llm {

// What was asked and answered on the way to one JSON object.
struct Asked {
  // Nothing: there is an object, and `accept` has taken it.
  std::optional<Failure> failure;
  // All calls together, those included that were paid and could not be used.
  Usage usage;
  uint32_t calls = 0;
  // 1 where the reply came from the cache, and no call was made.
  uint32_t reused = 0;
  double cost = 0;
  // The last reply, with everything but `task`.
  v1::ModelReply reply;
};

// Takes the object, or says what is wrong with it, to the model: "\"domain\" must be one of …". Reads, never guesses.
using Accept = std::function<absl::Status(const simdjson::dom::object& object)>;

// Asks until `accept` takes the reply's JSON object, twice at most: the second time the model is shown its reply and
// told what was wrong. Failures besides the client's: MALFORMED_REPLY (no JSON object), SCHEMA_MISMATCH (`accept`
// refused it), both the item's.
// Where the hub keeps replies, one that `accept` took is kept under the first question, whichever of the two it
// answered, and is taken the next time without a call, a place or a look at the budget. A kept one that `accept`
// refuses is as good as none.
boost::asio::awaitable<Asked> AskForObject(Client& client, ChatRequest request, Accept accept);

// Readers for `accept`: the value, or an error that names the key and what it should be.
absl::StatusOr<bool> BoolOf(const simdjson::dom::object& object, const char* key);
absl::StatusOr<std::string> StringOf(const simdjson::dom::object& object, const char* key);

}  // namespace quern::llm

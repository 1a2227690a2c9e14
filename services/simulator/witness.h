#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace quern::simulator {

// What the server saw of one request, and what it made of it.
struct WitnessEntry {
  int64_t time_ms = 0;
  // Counted from 1.
  uint64_t sequence = 0;
  // "filter", "persona", "generator", "verifier", "answer"; "" when the request could not be read.
  std::string_view stage;
  // The document's mark, or "".
  std::string_view document;
  // Of all messages.
  uint64_t prompt_hash = 0;
  // The answer's status; 0 when none was to be sent.
  int status = 0;
  // The fault that was put in, or "".
  std::string_view fault;
  // As a provider would bill them.
  uint64_t input_tokens = 0;
  uint64_t cached_tokens = 0;
  uint64_t output_tokens = 0;
  std::optional<int64_t> seed;
  // How often the same prompt with the same seed had come before.
  uint64_t repetition = 0;
  // It came in a batch.
  bool in_batch = false;
  // Of its traceparent; "" without a valid one.
  std::string trace_id;
};

// `entry` as one line of JSON, with its line feed.
std::string WitnessLine(const WitnessEntry& entry);

// A file that gets one line a request before the request is answered. Each line is one write to the kernel, so that it
// survives the death of the process, though not that of the machine. Thread-safe.
class Witness {
 public:
  // Appends to `path`. UNAVAILABLE, reason WITNESS_FAILED, when it cannot be written.
  static absl::StatusOr<std::unique_ptr<Witness>> Open(const std::string& path);
  ~Witness();
  Witness(const Witness&) = delete;
  Witness& operator=(const Witness&) = delete;

  // A write that fails is logged.
  void Write(const WitnessEntry& entry);

 private:
  explicit Witness(int file) : file_(file) {}

  const int file_;
};

}  // namespace quern::simulator

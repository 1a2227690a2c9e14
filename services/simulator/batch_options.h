#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace quern::simulator {

// What may go wrong with a batch, each under the name that --batch-fault knows it by.
enum class BatchFault {
  // The status failed: for its file, or for want of room.
  kInvalid,
  kTokenLimit,
  // Expired, with the first half of its calls worked off.
  kExpiredHalf,
  // An upload is answered with 500.
  kUpload500,
  // It is created, and the connection closed without an answer.
  kCreationLost,
};

struct BatchOptions {
  // From its creation to its end.
  absl::Duration time;
  // How many batches (or uploads) meet each fault, the first ones.
  std::map<BatchFault, uint64_t> faults;
};

// "invalid, token-limit, …", for help and messages.
std::string BatchFaultNames();

// Reads "NAME=N"s. INVALID_ARGUMENT, reason USAGE.
absl::Status AddBatchFaults(const std::vector<std::string>& texts, BatchOptions* options);

}  // namespace quern::simulator

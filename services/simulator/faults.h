#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"

namespace quern::simulator {

// What may go wrong with a reply, each under the name that --fault and --script know it by.
enum class Fault {
  kNone,
  // Statuses; see fault_replies.cc for their bodies.
  k429,
  k429RetryAfter2,
  k429Long,
  kQuota,
  k400,
  k401,
  k402,
  k403,
  k404,
  k422,
  k500,
  k502,
  k503,
  k504,
  k529,
  // The connection.
  kHang,
  kReset,
  kClose,
  // 200 with a body that is no completion, or not one for this client.
  kEmpty,
  kHtml,
  kErrorObject,
  kNoChoices,
  kNullContent,
  kTooLarge,
  kBadUtf8,
  kRedirect,
  // A completion with a flaw.
  kLength,
  kContentFilter,
  kRefusal,
  kMalformed,
  kWrongSchema,
  kToolCalls,
  kNoUsage,
  kOtherModel,
  kAbsurdRateHeaders,
  // A completion that looks unusual and is valid.
  kFenced,
  kThink,
  kReasoning,
};

// "429-retry-after-2", "hang", …; "" for kNone.
std::string_view FaultName(Fault fault);
// Nullopt for a name that is not known; "none" is kNone.
std::optional<Fault> FaultFromName(std::string_view name);
// All names but "none", with ", " between, for help and messages.
std::string FaultNames();

// Decides which request meets which fault. Immutable once made, so thread-safe.
class FaultPlan {
 public:
  // `rates` are "NAME=RATE" with a rate of 0 to 1; together at most 1. INVALID_ARGUMENT, reason USAGE.
  absl::Status AddRates(const std::vector<std::string>& rates);
  // Lines "N NAME" or "N-M NAME": requests are counted from 1. Empty lines and those that begin with "#" are skipped. A
  // line about one request goes before one about a range, a later line before an earlier one. INVALID_ARGUMENT, reason
  // USAGE, names the line.
  absl::Status AddScript(std::string_view script);

  // The fault of the request number `sequence`: the script's, else one by chance. `draw` is 0 to 1, 1 excluded.
  Fault Of(uint64_t sequence, double draw) const;

 private:
  struct Range {
    uint64_t first = 0;
    uint64_t last = 0;
    Fault fault = Fault::kNone;
  };

  absl::Status AddLine(std::string_view line);

  std::vector<std::pair<Fault, double>> rates_;
  absl::flat_hash_map<uint64_t, Fault> numbers_;
  std::vector<Range> ranges_;
};

}  // namespace quern::simulator

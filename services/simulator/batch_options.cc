#include "services/simulator/batch_options.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/absl_view.h"
#include "common/base/error.h"

namespace quern::simulator {
namespace {

constexpr std::pair<BatchFault, std::string_view> kBatchFaults[] = {
    {BatchFault::kInvalid, "invalid"},
    {BatchFault::kTokenLimit, "token-limit"},
    {BatchFault::kExpiredHalf, "expired-half"},
    {BatchFault::kUpload500, "upload-500"},
    {BatchFault::kCreationLost, "creation-lost"},
};

}  // namespace

std::string BatchFaultNames() {
  std::string names;
  for (const auto& [fault, name] : kBatchFaults) absl::StrAppend(&names, names.empty() ? "" : ", ", AbslView(name));
  return names;
}

absl::Status AddBatchFaults(const std::vector<std::string>& texts, BatchOptions* options) {
  for (const std::string& text : texts) {
    const size_t equals = text.find('=');
    const auto found = std::find_if(std::begin(kBatchFaults), std::end(kBatchFaults),
                                    [&](const auto& row) { return row.second == text.substr(0, equals); });
    uint64_t count = 0;
    const bool number = equals != std::string::npos && absl::SimpleAtoi(text.substr(equals + 1), &count);
    if (found == std::end(kBatchFaults) || !number) {
      return MakeError(absl::StatusCode::kInvalidArgument, "USAGE",
                       absl::StrCat("\"", text, "\" is no NAME=N with a NAME of ", BatchFaultNames()));
    }
    options->faults[found->first] += count;
  }
  return absl::OkStatus();
}

}  // namespace quern::simulator

#include "services/simulator/faults.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/absl_view.h"
#include "common/base/error.h"

namespace quern::simulator {
namespace {

constexpr std::pair<Fault, std::string_view> kNames[] = {
    {Fault::k429, "429"},
    {Fault::k429RetryAfter2, "429-retry-after-2"},
    {Fault::k429Long, "429-long"},
    {Fault::kQuota, "quota"},
    {Fault::k400, "400"},
    {Fault::k401, "401"},
    {Fault::k402, "402"},
    {Fault::k403, "403"},
    {Fault::k404, "404"},
    {Fault::k422, "422"},
    {Fault::k500, "500"},
    {Fault::k502, "502"},
    {Fault::k503, "503"},
    {Fault::k504, "504"},
    {Fault::k529, "529"},
    {Fault::kHang, "hang"},
    {Fault::kReset, "reset"},
    {Fault::kClose, "close"},
    {Fault::kEmpty, "empty"},
    {Fault::kHtml, "html"},
    {Fault::kErrorObject, "error-object"},
    {Fault::kNoChoices, "no-choices"},
    {Fault::kNullContent, "null-content"},
    {Fault::kTooLarge, "too-large"},
    {Fault::kBadUtf8, "bad-utf8"},
    {Fault::kRedirect, "redirect"},
    {Fault::kLength, "length"},
    {Fault::kContentFilter, "content-filter"},
    {Fault::kRefusal, "refusal"},
    {Fault::kMalformed, "malformed"},
    {Fault::kWrongSchema, "wrong-schema"},
    {Fault::kToolCalls, "tool-calls"},
    {Fault::kNoUsage, "no-usage"},
    {Fault::kOtherModel, "other-model"},
    {Fault::kAbsurdRateHeaders, "absurd-rate-headers"},
    {Fault::kFenced, "fenced"},
    {Fault::kThink, "think"},
    {Fault::kReasoning, "reasoning"},
};

absl::Status Usage(const std::string& message) {
  return MakeError(absl::StatusCode::kInvalidArgument, "USAGE", message);
}

std::string Unknown(std::string_view name) {
  return absl::StrCat("\"", AbslView(name), "\" is no fault; known are ", FaultNames());
}

}  // namespace

std::string_view FaultName(Fault fault) {
  const auto found = std::find_if(std::begin(kNames), std::end(kNames), [&](auto& row) { return row.first == fault; });
  return found == std::end(kNames) ? std::string_view() : found->second;
}

std::optional<Fault> FaultFromName(std::string_view name) {
  if (name == "none") return Fault::kNone;
  const auto found = std::find_if(std::begin(kNames), std::end(kNames), [&](auto& row) { return row.second == name; });
  if (found == std::end(kNames)) return std::nullopt;
  return found->first;
}

std::string FaultNames() {
  std::string names;
  for (const auto& row : kNames) absl::StrAppend(&names, names.empty() ? "" : ", ", AbslView(row.second));
  return names;
}

absl::Status FaultPlan::AddRates(const std::vector<std::string>& rates) {
  double sum = 0;
  for (const std::string& text : rates) {
    const size_t equals = text.find('=');
    const std::string name = text.substr(0, equals);
    const std::optional<Fault> fault = FaultFromName(name);
    if (!fault) return Usage(Unknown(name));
    double rate = 0;
    const bool is_number = equals != std::string::npos && absl::SimpleAtod(text.substr(equals + 1), &rate);
    if (!is_number || !(rate >= 0 && rate <= 1)) {
      return Usage(absl::StrCat("\"", text, "\" has no rate from 0 to 1; write for example ", name, "=0.05"));
    }
    sum += rate;
    rates_.emplace_back(*fault, rate);
  }
  // A little more than 1, because ten times 0.1 is.
  if (sum > 1 + 1e-9) return Usage(absl::StrCat("the rates add up to ", sum, ", but to 1 at most"));
  return absl::OkStatus();
}

absl::Status FaultPlan::AddScript(std::string_view script) {
  size_t number = 0;
  for (const auto line : absl::StrSplit(AbslView(script), '\n')) {
    ++number;
    const auto bare = absl::StripAsciiWhitespace(line);
    if (bare.empty() || bare[0] == '#') continue;
    QUERN_RETURN_IF_ERROR(WithContext(AddLine({bare.data(), bare.size()}), absl::StrCat("line ", number)));
  }
  return absl::OkStatus();
}

absl::Status FaultPlan::AddLine(std::string_view line) {
  const std::vector<std::string> words = absl::StrSplit(AbslView(line), absl::ByAnyChar(" \t"), absl::SkipEmpty());
  if (words.size() != 2) return Usage("expects \"N NAME\" or \"N-M NAME\"");
  const std::optional<Fault> fault = FaultFromName(words[1]);
  if (!fault) return Usage(Unknown(words[1]));
  const size_t dash = words[0].find('-');
  Range range;
  range.fault = *fault;
  bool valid = absl::SimpleAtoi(words[0].substr(0, dash), &range.first) && range.first > 0;
  if (dash == std::string::npos) {
    range.last = range.first;
  } else {
    valid = valid && absl::SimpleAtoi(words[0].substr(dash + 1), &range.last) && range.first <= range.last;
  }
  if (!valid) return Usage(absl::StrCat("\"", words[0], "\" is no number of a request, counted from 1, and no range"));
  if (dash == std::string::npos) {
    numbers_[range.first] = *fault;
  } else {
    ranges_.push_back(range);
  }
  return absl::OkStatus();
}

Fault FaultPlan::Of(uint64_t sequence, double draw) const {
  if (const auto number = numbers_.find(sequence); number != numbers_.end()) return number->second;
  const auto range = std::find_if(ranges_.rbegin(), ranges_.rend(),
                                  [&](const Range& r) { return r.first <= sequence && sequence <= r.last; });
  if (range != ranges_.rend()) return range->fault;
  for (const auto& [fault, rate] : rates_) {
    if (draw < rate) return fault;
    draw -= rate;
  }
  return Fault::kNone;
}

}  // namespace quern::simulator

#include "common/base/trace_context.h"

#include <algorithm>
#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/absl_view.h"
#include "common/base/hash.h"

namespace quern {
namespace {

// "00-{32 digits}-{16 digits}-{2 digits}".
constexpr size_t kTraceAt = 3, kTraceDigits = 32;
constexpr size_t kSpanAt = 36, kSpanDigits = 16;
constexpr size_t kFlagsAt = 53;
constexpr size_t kLength = 55;
constexpr uint64_t kSampled = 1;

bool IsHex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool IsId(std::string_view text) { return IsHex(text) && text.find_first_not_of('0') != std::string_view::npos; }

int DigitOf(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

// Never zero. Ids must differ among threads and processes; nobody need be unable to guess them.
uint64_t Random() {
  thread_local std::mt19937_64 generator{std::random_device{}() ^ uint64_t{std::random_device{}()} << 32};
  uint64_t number = 0;
  while (number == 0) number = generator();
  return number;
}

}  // namespace

std::optional<TraceContext> ParseTraceparent(std::string_view value) {
  if (value.size() < kLength) return std::nullopt;
  const std::string_view version = value.substr(0, 2);
  if (!IsHex(version) || version == "ff") return std::nullopt;
  // Version 00 ends here; a later one may go on after another dash.
  if (value.size() > kLength && (version == "00" || value[kLength] != '-')) return std::nullopt;
  if (value[kTraceAt - 1] != '-' || value[kSpanAt - 1] != '-' || value[kFlagsAt - 1] != '-') return std::nullopt;
  const std::string_view trace = value.substr(kTraceAt, kTraceDigits);
  const std::string_view flags = value.substr(kFlagsAt, 2);
  if (!IsId(trace) || !IsId(value.substr(kSpanAt, kSpanDigits)) || !IsHex(flags)) return std::nullopt;
  return TraceContext{std::string(trace), (DigitOf(flags[1]) & kSampled) != 0};
}

std::string NewTraceparent(const TraceContext& context) {
  return absl::StrCat("00-", context.trace_id, "-", absl::Hex(Random(), absl::kZeroPad16), "-",
                      absl::Hex(context.sampled ? kSampled : 0, absl::kZeroPad2));
}

TraceContext NewTrace() { return TraceContext{absl::StrFormat("%016x%016x", Random(), Random()), true}; }

std::string DerivedTraceId(std::string_view job_id, std::string_view document_id) {
  std::string id = ContentHash(absl::StrCat(AbslView(job_id), "/", AbslView(document_id)));
  // What W3C forbids; one of 2^128 documents.
  if (!IsId(id)) id.back() = '1';
  return id;
}

TraceContext TraceOfDocument(std::string_view job_id, std::string_view document_id, std::string_view traceparent) {
  if (std::optional<TraceContext> own = ParseTraceparent(traceparent)) return *std::move(own);
  return TraceContext{DerivedTraceId(job_id, document_id), true};
}

}  // namespace quern

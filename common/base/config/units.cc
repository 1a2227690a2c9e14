#include "common/base/config/units.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"

namespace quern::config {
namespace {

struct TimeUnit {
  std::string_view name;
  absl::Duration length;
};

// Longest first, as DurationText writes them.
const std::array<TimeUnit, 7>& TimeUnits() {
  static const std::array<TimeUnit, 7> units = {{{"d", absl::Hours(24)},
                                                 {"h", absl::Hours(1)},
                                                 {"m", absl::Minutes(1)},
                                                 {"s", absl::Seconds(1)},
                                                 {"ms", absl::Milliseconds(1)},
                                                 {"us", absl::Microseconds(1)},
                                                 {"ns", absl::Nanoseconds(1)}}};
  return units;
}

struct ByteUnit {
  std::string_view name;
  uint64_t bytes;
};

constexpr ByteUnit kByteUnits[] = {{"TiB", uint64_t{1} << 40},
                                   {"GiB", uint64_t{1} << 30},
                                   {"MiB", uint64_t{1} << 20},
                                   {"KiB", uint64_t{1} << 10},
                                   {"TB", 1'000'000'000'000},
                                   {"GB", 1'000'000'000},
                                   {"MB", 1'000'000},
                                   {"KB", 1'000},
                                   {"B", 1}};

// Takes an unsigned decimal number off the front of `text`. Nullopt when there is none.
std::optional<double> TakeNumber(std::string_view* text) {
  if (text->empty() || !((text->front() >= '0' && text->front() <= '9') || text->front() == '.')) return std::nullopt;
  double number = 0;
  const auto [end, error] =
      std::from_chars(text->data(), text->data() + text->size(), number, std::chars_format::fixed);
  if (error != std::errc() || !std::isfinite(number)) return std::nullopt;
  text->remove_prefix(static_cast<size_t>(end - text->data()));
  return number;
}

// Takes letters off the front of `text`.
std::string_view TakeLetters(std::string_view* text) {
  size_t length = 0;
  while (length < text->size() &&
         (((*text)[length] >= 'a' && (*text)[length] <= 'z') || ((*text)[length] >= 'A' && (*text)[length] <= 'Z'))) {
    ++length;
  }
  const std::string_view letters = text->substr(0, length);
  text->remove_prefix(length);
  return letters;
}

}  // namespace

std::optional<absl::Duration> ParseDuration(std::string_view text) {
  if (text == "0") return absl::ZeroDuration();
  if (text.empty()) return std::nullopt;
  absl::Duration sum;
  while (!text.empty()) {
    const auto number = TakeNumber(&text);
    const std::string_view name = TakeLetters(&text);
    absl::Duration length;
    for (const TimeUnit& unit : TimeUnits()) {
      if (unit.name == name) length = unit.length;
    }
    if (!number || length == absl::ZeroDuration()) return std::nullopt;
    sum += *number * length;
  }
  if (sum == absl::InfiniteDuration()) return std::nullopt;
  return sum;
}

std::optional<uint64_t> ParseBytes(std::string_view text) {
  uint64_t whole = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), whole);
  if (error == std::errc() && end == text.data() + text.size()) return whole;
  const auto number = TakeNumber(&text);
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  if (!number) return std::nullopt;
  for (const ByteUnit& unit : kByteUnits) {
    if (unit.name != text) continue;
    const double bytes = *number * static_cast<double>(unit.bytes);
    if (bytes != std::floor(bytes) || bytes >= 0x1p64) return std::nullopt;
    return static_cast<uint64_t>(bytes);
  }
  return std::nullopt;
}

std::string DurationText(absl::Duration duration) {
  std::string text;
  for (const TimeUnit& unit : TimeUnits()) {
    const int64_t count = absl::IDivDuration(duration, unit.length, &duration);
    if (count > 0) absl::StrAppend(&text, count, unit.name.data());
  }
  return text.empty() ? "0s" : text;
}

std::string BytesText(uint64_t bytes) {
  for (const ByteUnit& unit : kByteUnits) {
    if (bytes > 0 && unit.bytes % 1024 == 0 && bytes % unit.bytes == 0) {
      return absl::StrCat(bytes / unit.bytes, unit.name.data());
    }
  }
  return absl::StrCat(bytes);
}

}  // namespace quern::config

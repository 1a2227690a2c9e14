#include "common/dataset/json_text.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>

namespace quern::dataset {
namespace {

constexpr size_t kNone = std::string_view::npos;
constexpr size_t kEscapeBytes = 6;  // \uXXXX
// A decimal of so many significant digits comes back unchanged from a double (IEEE 754, DBL_DIG).
constexpr size_t kSafeDigits = 15;
constexpr double kLargestExactInteger = 9007199254740992.0;  // 2^53
// More digits than the longest exact decimal of a double are not compared but quoted.
constexpr size_t kMostDigits = 700;

// The code unit of an escape at `at`, or -1 when there is no well-formed \uXXXX.
int UnicodeEscape(std::string_view json, size_t at) {
  if (at + kEscapeBytes > json.size() || json[at] != '\\' || json[at + 1] != 'u') return -1;
  int unit = 0;
  const char* const end = json.data() + at + kEscapeBytes;
  const auto [stop, error] = std::from_chars(json.data() + at + 2, end, unit, 16);
  return error == std::errc() && stop == end ? unit : -1;
}

bool IsHigh(int unit) { return unit >= 0xd800 && unit < 0xdc00; }
bool IsLow(int unit) { return unit >= 0xdc00 && unit < 0xe000; }

size_t FindLoneSurrogateFrom(std::string_view json, size_t from) {
  while (from < json.size()) {
    const void* const found = std::memchr(json.data() + from, '\\', json.size() - from);
    if (found == nullptr) return kNone;
    const size_t at = static_cast<size_t>(static_cast<const char*>(found) - json.data());
    const int unit = UnicodeEscape(json, at);
    if (IsLow(unit)) return at;
    if (!IsHigh(unit)) {
      from = at + 2;
      continue;
    }
    if (!IsLow(UnicodeEscape(json, at + kEscapeBytes))) return at;
    from = at + 2 * kEscapeBytes;
  }
  return kNone;
}

// Digits of a decimal without leading and trailing zeros, and the power of ten of the first one.
struct Decimal {
  std::string digits;
  int64_t exponent = 0;
  bool operator==(const Decimal&) const = default;
};

Decimal Normalise(std::string_view number) {
  Decimal decimal;
  int64_t point = 0;
  bool after_point = false;
  size_t at = number.starts_with('-') ? 1 : 0;
  for (; at < number.size() && number[at] != 'e' && number[at] != 'E'; ++at) {
    if (number[at] == '.') {
      after_point = true;
    } else {
      if (!after_point) ++point;
      if (number[at] == '0' && decimal.digits.empty()) {
        --point;
      } else {
        decimal.digits += number[at];
      }
    }
  }
  while (decimal.digits.ends_with('0')) decimal.digits.pop_back();
  if (decimal.digits.empty()) return {};
  int64_t exponent = 0;
  if (at < number.size()) {
    ++at;
    if (at < number.size() && number[at] == '+') ++at;
    std::from_chars(number.data() + at, number.data() + number.size(), exponent);
  }
  decimal.exponent = point + exponent;
  return decimal;
}

// True when reading `number` as a double changes it.
bool IsInexact(std::string_view number) {
  if (number.size() <= kSafeDigits && number.find_first_of("eE") == kNone) return false;
  double value = 0;
  const auto [stop, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  const bool out_of_range = error == std::errc::result_out_of_range;
  const bool integer = number.find_first_of(".eE") == kNone;
  if (integer) return out_of_range || std::fabs(value) > kLargestExactInteger;
  const Decimal exact = Normalise(number);
  if (out_of_range) return exact.exponent < 0;  // Too small a number is kept, too large a one refused.
  if (exact.digits.size() <= kSafeDigits) return false;
  if (exact.digits.size() > kMostDigits) return true;
  char printed[kMostDigits + 32];
  const int size = std::snprintf(printed, sizeof printed, "%.*e", static_cast<int>(exact.digits.size()) - 1, value);
  return !(Normalise({printed, static_cast<size_t>(size)}) == exact);
}

// True for what JSON's grammar calls a number (RFC 8259, section 6).
bool IsNumber(std::string_view token) {
  size_t at = token.starts_with('-') ? 1 : 0;
  const auto digits = [&] {
    const size_t first = at;
    while (at < token.size() && token[at] >= '0' && token[at] <= '9') ++at;
    return at - first;
  };
  const bool zero = at < token.size() && token[at] == '0';
  const size_t whole = digits();
  if (whole == 0 || (zero && whole > 1)) return false;
  if (at < token.size() && token[at] == '.') {
    ++at;
    if (digits() == 0) return false;
  }
  if (at < token.size() && (token[at] == 'e' || token[at] == 'E')) {
    ++at;
    if (at < token.size() && (token[at] == '+' || token[at] == '-')) ++at;
    if (digits() == 0) return false;
  }
  return at == token.size();
}

// One past the closing quote of the string that opens at `at`.
size_t SkipString(std::string_view json, size_t at) {
  for (++at; at < json.size(); ++at) {
    if (json[at] == '\\') {
      ++at;
    } else if (json[at] == '"') {
      return at + 1;
    }
  }
  return json.size();
}

// Notes the first fault; builds nothing.
struct DiagnosisSax : nlohmann::json_sax<nlohmann::json> {
  std::optional<JsonDiagnosis> fault;

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(size_t) override { return true; }
  bool end_object() override { return true; }
  bool start_array(size_t) override { return true; }
  bool end_array() override { return true; }
  bool key(string_t&) override { return true; }
  bool parse_error(size_t position, const std::string&, const nlohmann::json::exception& error) override {
    constexpr int kOutOfRange = 406;
    fault = {position == 0 ? 0 : position - 1, error.id == kOutOfRange
                                                   ? "a number is beyond the range of a double"
                                                   : "a value, a comma, a colon or a closing bracket was expected"};
    return false;
  }
};

std::string CauseAt(std::string_view json, size_t offset, std::string cause) {
  if (offset >= json.size()) return "the line ends inside a value";
  const auto byte = static_cast<unsigned char>(json[offset]);
  if (byte == 0) return "a NUL byte";
  if (byte < 0x20) return "a control character that is not escaped";
  return cause;
}

}  // namespace

size_t FindLoneSurrogate(std::string_view json) { return FindLoneSurrogateFrom(json, 0); }

std::string ReplaceLoneSurrogates(std::string_view json) {
  std::string replaced(json);
  size_t at = 0;
  while ((at = FindLoneSurrogateFrom(replaced, at)) != kNone) {
    replaced.replace(at, kEscapeBytes, "\\ufffd");
    at += kEscapeBytes;
  }
  return replaced;
}

std::optional<std::string> QuoteNumbers(std::string_view json, NumbersToQuote which) {
  std::string quoted;
  size_t copied = 0;
  for (size_t at = 0; at < json.size();) {
    if (json[at] == '"') {
      at = SkipString(json, at);
      continue;
    }
    if (json[at] != '-' && (json[at] < '0' || json[at] > '9')) {
      ++at;
      continue;
    }
    const size_t end = std::min(json.find_first_not_of("+-.0123456789eE", at), json.size());
    const std::string_view token = json.substr(at, end - at);
    if (IsNumber(token) && (which == NumbersToQuote::kAll || IsInexact(token))) {
      quoted.append(json, copied, at - copied).append("\"").append(token).append("\"");
      copied = end;
    }
    at = end;
  }
  if (copied == 0) return std::nullopt;
  return quoted.append(json, copied, kNone);
}

std::optional<JsonDiagnosis> DiagnoseJson(std::string_view json) {
  DiagnosisSax sax;
  nlohmann::json::sax_parse(json.begin(), json.end(), &sax);
  if (sax.fault) sax.fault->cause = CauseAt(json, sax.fault->offset, sax.fault->cause);
  return sax.fault;
}

}  // namespace quern::dataset

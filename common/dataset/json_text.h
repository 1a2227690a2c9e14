#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace quern::dataset {

// Looks at the text of a JSON value that simdjson does not tell about. None of these allocates unless it says so.

// Offset of the first "\uXXXX" escape that stands for half a surrogate pair, or npos. Bytes outside of strings are not
// told apart: call it on a line that parses, or to explain why one does not.
size_t FindLoneSurrogate(std::string_view json);

// The same line with every such escape replaced by "\ufffd".
std::string ReplaceLoneSurrogates(std::string_view json);

enum class NumbersToQuote {
  // Numbers that a double cannot hold exactly: integers beyond 2^53, and fractions that come back from a double with
  // other digits. Numbers beyond a double's range stay as they are, so that the parser refuses them.
  kInexact,
  kAll,
};

// The line with such numbers put in quotes, or nothing when there are none. `json` need not be well-formed: what is not
// a number by JSON's grammar is copied.
std::optional<std::string> QuoteNumbers(std::string_view json, NumbersToQuote which);

// Where and why `json` is ill-formed: its first faulty byte, counted from 0, and a cause without document text. Slow
// (for lines that were refused); nothing when it is well-formed.
struct JsonDiagnosis {
  size_t offset = 0;
  std::string cause;
};
std::optional<JsonDiagnosis> DiagnoseJson(std::string_view json);

}  // namespace quern::dataset

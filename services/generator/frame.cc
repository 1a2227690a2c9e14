#include "services/generator/frame.h"

#include <algorithm>
#include <iterator>

#include "services/generator/superlative.h"
#include "services/generator/word_list.h"

namespace quern::generator {
namespace {

bool IsUnit(const Word& word) {
  static constexpr std::string_view kUnits[] = {
      "km",     "m",           "cm",        "mm",         "kg",          "g",       "mg",   "t",     "s",
      "ms",     "ha",          "mi",        "ft",         "in",          "lb",      "l",    "ml",    "hz",
      "khz",    "mhz",         "ghz",       "w",          "kw",          "mw",      "gw",   "v",     "kv",
      "mv",     "pa",          "kpa",       "mpa",        "bar",         "k",       "b",    "kb",    "mb",
      "gb",     "tb",          "kib",       "mib",        "gib",         "bit",     "bits", "byte",  "bytes",
      "nm",     "km2",         "m2",        "km\xC2\xB2", "m\xC2\xB2",   "mph",     "kbps", "mbps",  "percent",
      "people", "inhabitants", "residents", "square",     "cubic",       "degrees", "days", "hours", "years",
      "months", "weeks",       "minutes",   "seconds",    "light-years", "parsecs", "ev",   "kev",   "mev",
      "mol",    "j",           "kj",        "n",          "au"};
  return OneOf(word.lower, kUnits) || (word.Is(text::kUnitNoun) && !word.Is(text::kClosed));
}

// True when the noun phrase after an article at `at` says which one is meant: it holds a name or number, a superlative
// or ordinal, or goes on with "of" and the like; or it is one of the things there is one of.
bool SaysWhich(const Sentence& sentence, size_t at, size_t end) {
  static constexpr std::string_view kUnique[] = {
      "public", "world", "throne",     "market", "universe", "sun", "moon", "earth", "internet", "presidency",
      "army",   "navy",  "priesthood", "web",    "sea",      "sky", "name", "title", "rank"};
  static constexpr std::string_view kOnes[] = {"first",   "second",   "third",   "last",    "only",     "oldest",
                                               "largest", "smallest", "highest", "longest", "youngest", "fastest"};
  for (; at < end; ++at) {
    const Word& word = sentence[at];
    if (word.token.capitalised || word.IsNumber() || OneOf(word.lower, kUnique) || OneOf(word.lower, kOnes))
      return true;
    if (IsSuperlative(sentence, at) || word.lower == "of") return true;
    if (word.Is(text::kClosed) || word.IsPunct()) return false;
  }
  return false;
}

}  // namespace

std::optional<When> ParseWhen(const Sentence& sentence, size_t at) {
  const bool in = sentence.At(at, "in");
  if (!in && !sentence.At(at, "on")) return std::nullopt;
  When when;
  when.begin = at;
  when.answer = at + 1;
  when.end = DateEnd(sentence, when.answer);
  if (when.end > when.answer) {
    when.day = when.end - when.answer != 2;
    when.month = !when.day;
    if (when.day == in) return std::nullopt;
  } else {
    when.end = YearEnd(sentence, when.answer);
    if (when.end == when.answer || !in) return std::nullopt;
  }
  const Word& next = sentence[when.end];
  if (sentence.At(when.end, "and") || sentence.At(when.end, "or") || sentence.At(when.end, "to")) {
    // "in 1990 and 1994", "in 1990 or 1991"; "in 1990 and moved" goes on with another clause.
    if (sentence[when.end + 1].IsNumber() || sentence.At(when.end + 1, "again") || sentence.At(when.end + 1, "in"))
      return std::nullopt;
    if (sentence.At(when.end, "or")) return std::nullopt;
  }
  if (next.token.kind == text::TokenKind::kWord && !next.Is(text::kClosed | text::kAdverb | text::kVerb))
    return std::nullopt;
  if (next.text == "," && sentence[when.end + 1].IsNumber()) return std::nullopt;
  if (next.text == "\xE2\x80\x93" || next.text == "-" || next.text == "/") return std::nullopt;
  return when;
}

std::string AskWhen(const When& when) {
  if (when.day) return "On what date";
  return when.month ? "In what month and year" : "In what year";
}

bool IsPlainPhrase(const Sentence& sentence, size_t from, size_t to, size_t max_words) {
  if (to < from || to - from > max_words) return false;
  for (size_t at = from; at < to; ++at) {
    const Word& word = sentence[at];
    if ((word.lower == "the" || word.lower == "a" || word.lower == "an") && !SaysWhich(sentence, at + 1, to))
      return false;
    if (word.IsPunct()) {
      if (word.text == "'" || word.text == "\xE2\x80\x99" || word.text == "%" || word.text == "/" || word.text == "&")
        continue;
      return false;
    }
    if (word.token.capitalised && at > 0) continue;
    if (word.Is(text::kPronoun | text::kAuxiliary | text::kModal | text::kNegation | text::kDemonstrative))
      return false;
    if (word.Is(text::kRelative)) return false;
    if (word.Is(text::kConjunction) && word.lower != "and" && word.lower != "for" && word.lower != "so") return false;
  }
  return true;
}

bool HasFiniteVerb(const Sentence& sentence, size_t from, size_t to) {
  for (size_t at = from; at < to; ++at) {
    if (sentence[at].Is(text::kAuxiliary | text::kModal)) return true;
  }
  return false;
}

size_t QuantityEnd(const Sentence& sentence, size_t at, bool& has_unit) {
  has_unit = false;
  size_t end = at;
  if (sentence[end].text == "$" || sentence[end].text == "\xE2\x82\xAC" || sentence[end].text == "\xC2\xA3") {
    has_unit = true;
    ++end;
  }
  if (!sentence[end].IsNumber() && !sentence[end].Is(text::kNumberWord)) return at;
  if (sentence.At(end, "one")) return at;
  ++end;
  while (sentence[end].Is(text::kNumberWord) && !sentence[end].IsPunct()) ++end;
  if (sentence[end].text == "%" || sentence[end].text == "\xC2\xB0") {
    has_unit = true;
    ++end;
    if (sentence[end - 1].text != "%" && (sentence.At(end, "c") || sentence.At(end, "f"))) ++end;
    return end;
  }
  while (IsUnit(sentence[end]) && !sentence[end].IsPunct()) {
    has_unit = true;
    ++end;
    if (sentence.At(end, "per") && sentence[end + 1].token.kind == text::TokenKind::kWord) end += 2;
    if (sentence[end].text == "/" && sentence[end + 1].token.kind == text::TokenKind::kWord) end += 2;
  }
  return end;
}

}  // namespace quern::generator

#include "common/text/sentences.h"

#include <unicode/brkiter.h>
#include <unicode/filteredbrk.h>
#include <unicode/utext.h>

#include <array>
#include <memory>

#include "absl/strings/ascii.h"

namespace quern::text {
namespace {

std::unique_ptr<icu::BreakIterator> MakeIterator() {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Locale english("en");
  std::unique_ptr<icu::BreakIterator> plain(icu::BreakIterator::createSentenceInstance(english, error));
  std::unique_ptr<icu::FilteredBreakIteratorBuilder> builder(
      icu::FilteredBreakIteratorBuilder::createInstance(english, error));
  if (U_FAILURE(error)) return plain;
  std::unique_ptr<icu::BreakIterator> filtered(builder->build(plain.release(), error));
  return filtered;
}

// The last word of `text` before position `at`, without white space.
std::string_view WordBefore(std::string_view text, size_t at) {
  while (at > 0 && absl::ascii_isspace(text[at - 1])) --at;
  size_t begin = at;
  while (begin > 0 && !absl::ascii_isspace(text[begin - 1])) --begin;
  return text.substr(begin, at - begin);
}

template <size_t N>
bool OneOf(std::string_view word, const std::array<std::string_view, N>& words) {
  for (const std::string_view candidate : words) {
    if (word == candidate) return true;
  }
  return false;
}

// Words after which a single capital letter is a symbol that may end a sentence, not somebody's initial.
constexpr std::array<std::string_view, 14> kBeforeSymbol = {"is",     "are",    "was",     "called",  "as",
                                                            "symbol", "letter", "vitamin", "Vitamin", "type",
                                                            "grade",  "group",  "class",   "="};
// Abbreviations before a name or number, where no sentence ends, beyond ICU's list.
constexpr std::array<std::string_view, 22> kOpenAbbreviations = {
    "St.",  "Dr.",  "Mr.", "Mrs.", "Ms.", "Prof.", "Gen.", "Col.", "Sgt.", "Capt.", "Rev.",
    "Gov.", "Sen.", "Mt.", "Ft.",  "c.",  "ca.",   "vs.",  "Nr.",  "Vol.", "Fig.",  "pp."};
// Words that begin a sentence and are no surname: a lone capital letter before them is no initial.
constexpr std::array<std::string_view, 16> kOpeners = {"The", "It",    "In",  "This", "He", "She", "They", "A",
                                                       "An",  "These", "Its", "For",  "On", "At",  "If",   "When"};

std::string_view WordAt(std::string_view text, size_t at) {
  while (at < text.size() && absl::ascii_isspace(text[at])) ++at;
  size_t end = at;
  while (end < text.size() && absl::ascii_isalpha(text[end])) ++end;
  return text.substr(at, end - at);
}

// True when the break that ICU found at `at` stands inside a name or after an open abbreviation.
bool IsFalseBreak(std::string_view text, size_t at) {
  const std::string_view word = WordBefore(text, at);
  if (OneOf(word, kOpenAbbreviations)) return true;
  if (word.size() < 2 || word.back() != '.' || !absl::ascii_isupper(word[word.size() - 2])) return false;
  const bool initial = word.size() == 2 || (word.size() == 4 && word[1] == '.');
  if (!initial || OneOf(WordAt(text, at), kOpeners)) return false;
  const size_t begin = static_cast<size_t>(word.data() - text.data());
  return !OneOf(WordBefore(text, begin), kBeforeSymbol);
}

// True when a sentence ends at the space `at` although ICU saw an abbreviation: "... is H. The ..." or "... is H." and
// a blank line.
bool IsMissedBreak(std::string_view text, size_t at) {
  const std::string_view word = WordBefore(text, at);
  if (word.size() < 2 || word.back() != '.') return false;
  if (!OneOf(WordAt(text, at), kOpeners)) {
    if (word.size() != 2 || !absl::ascii_isupper(word[0])) return false;
    const size_t begin = static_cast<size_t>(word.data() - text.data());
    return OneOf(WordBefore(text, begin), kBeforeSymbol) &&
           absl::ascii_isupper(WordAt(text, at).empty() ? ' ' : WordAt(text, at)[0]);
  }
  return !OneOf(word, kOpenAbbreviations) &&
         !(word.size() == 2 && OneOf(WordAt(text, at), std::array<std::string_view, 1>{"A"}));
}

void Trim(std::string_view text, size_t& begin, size_t& end) {
  while (begin < end && absl::ascii_isspace(text[begin])) ++begin;
  while (end > begin && absl::ascii_isspace(text[end - 1])) --end;
}

void Add(std::string_view text, size_t begin, size_t end, std::vector<SentenceSpan>& out) {
  Trim(text, begin, end);
  if (begin < end) out.push_back({static_cast<uint32_t>(begin), static_cast<uint32_t>(end)});
}

// Adds [begin, end), cut where ICU missed a break.
void AddMended(std::string_view text, size_t begin, size_t end, std::vector<SentenceSpan>& out) {
  size_t start = begin;
  for (size_t at = begin; at + 1 < end; ++at) {
    if (text[at] == '.' && absl::ascii_isspace(text[at + 1]) && IsMissedBreak(text, at + 1)) {
      Add(text, start, at + 1, out);
      start = at + 1;
    }
  }
  Add(text, start, end, out);
}

void SplitParagraph(std::string_view text, size_t begin, size_t end, std::vector<SentenceSpan>& out) {
  thread_local std::unique_ptr<icu::BreakIterator> iterator = MakeIterator();
  if (iterator == nullptr) return Add(text, begin, end, out);
  // Without line feeds, which end a sentence for ICU; byte positions stay.
  std::string paragraph(text.substr(begin, end - begin));
  for (char& c : paragraph) {
    if (absl::ascii_isspace(c)) c = ' ';
  }
  UErrorCode error = U_ZERO_ERROR;
  UText utext = UTEXT_INITIALIZER;
  utext_openUTF8(&utext, paragraph.data(), static_cast<int64_t>(paragraph.size()), &error);
  iterator->setText(&utext, error);
  if (U_FAILURE(error)) {
    utext_close(&utext);
    return Add(text, begin, end, out);
  }
  size_t start = begin;
  iterator->first();
  for (int32_t at = iterator->next(); at != icu::BreakIterator::DONE; at = iterator->next()) {
    const size_t stop = begin + static_cast<size_t>(at);
    if (stop < end && IsFalseBreak(text, stop)) continue;
    AddMended(text, start, stop, out);
    start = stop;
  }
  Add(text, start, end, out);
  utext_close(&utext);
}

// A line that starts a new paragraph whatever the line before it held: a list entry or a heading mark.
bool StartsBlock(std::string_view line) {
  size_t at = 0;
  while (at < line.size() && (line[at] == ' ' || line[at] == '\t')) ++at;
  line.remove_prefix(at);
  if (line.empty()) return true;
  if (line.size() > 1 && (line[0] == '-' || line[0] == '*' || line[0] == '#' || line[0] == '|') &&
      !absl::ascii_isalpha(line[1]))
    return true;
  return line.substr(0, 3) == "\xE2\x80\xA2";
}

}  // namespace

std::vector<SentenceSpan> SplitSentences(std::string_view text) {
  std::vector<SentenceSpan> result;
  size_t begin = 0;
  size_t at = 0;
  while (at < text.size()) {
    const size_t newline = text.find('\n', at);
    const size_t line_end = newline == std::string_view::npos ? text.size() : newline;
    if (StartsBlock(text.substr(at, line_end - at))) {
      if (at > begin) SplitParagraph(text, begin, at, result);
      begin = at;
    }
    at = newline == std::string_view::npos ? text.size() : newline + 1;
  }
  if (begin < text.size()) SplitParagraph(text, begin, text.size(), result);
  return result;
}

}  // namespace quern::text

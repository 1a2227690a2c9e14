#include <cctype>

#include "services/generator/noun_phrase.h"
#include "services/generator/rules.h"

namespace quern::generator {
namespace {

constexpr size_t kMinLetters = 3;
constexpr size_t kMaxLetters = 8;
// From this length on an acronym stands for one thing, as a rule; shorter ones are asked for, not about.
constexpr size_t kUniqueLetters = 5;

bool IsAcronym(const Word& word) {
  if (!word.token.all_caps || word.text.size() < kMinLetters || word.text.size() > kMaxLetters) return false;
  return word.text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string_view::npos;
}

// The initials of the words [from, to), hyphenated parts counted, without small words: "Simple Mail Transfer Protocol"
// gives SMTP.
std::string Initials(const Sentence& sentence, size_t from, size_t to) {
  std::string initials;
  for (size_t at = from; at < to; ++at) {
    const Word& word = sentence[at];
    if (word.token.kind != text::TokenKind::kWord) return "";
    if (word.Is(text::kPreposition | text::kConjunction | text::kDeterminer) && !word.token.capitalised) continue;
    bool start = true;
    for (const char c : word.lower) {
      if (start) initials += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      start = c == '-';
    }
  }
  return initials;
}

// Where the long form that ends at `to` begins, when its initials are exactly `acronym`; else `to`.
size_t LongFormBegin(const Sentence& sentence, size_t to, std::string_view acronym) {
  for (size_t words = 2; words <= acronym.size() + 3 && words <= to; ++words) {
    const size_t from = to - words;
    if (sentence[from].IsPunct()) return to;
    if (sentence[from].Is(text::kPreposition | text::kConjunction | text::kDeterminer) &&
        !sentence[from].token.capitalised)
      continue;
    if (Initials(sentence, from, to) == acronym) return from;
  }
  return to;
}

// True when the long form is written as a name: every word of it that counts has a capital. Lower-case long forms are
// terms.
bool IsCapitalised(const Sentence& sentence, size_t from, size_t to) {
  for (size_t at = from; at < to; ++at) {
    if (!sentence[at].token.capitalised &&
        !sentence[at].Is(text::kPreposition | text::kConjunction | text::kDeterminer))
      return false;
  }
  return true;
}

void AskFor(const Sentence& sentence, size_t acronym, size_t from, size_t to, std::vector<Candidate>& out) {
  const std::string letters(sentence[acronym].text);
  if (letters.size() >= kUniqueLetters) {
    out.push_back(MakeCandidate(sentence, from, to, v1::ANSWER_TYPE_NAME,
                                "What does the acronym " + letters + " stand for?", "acronym", 0.72));
    return;
  }
  std::string form = sentence.Text(from, to);
  if (from == 0 && !IsCapitalised(sentence, from, to))
    form[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(form[0])));
  out.push_back(MakeCandidate(sentence, acronym, acronym + 1, v1::ANSWER_TYPE_NAME,
                              "What is the acronym for \"" + form + "\"?", "acronym", 0.7));
}

}  // namespace

void AskAcronyms(const Topic&, const Sentence& sentence, std::vector<Candidate>& out) {
  for (size_t at = 0; at + 2 < sentence.size(); ++at) {
    // "Simple Mail Transfer Protocol (SMTP)"
    if (sentence[at].text == "(" && IsAcronym(sentence[at + 1]) && sentence[at + 2].text == ")") {
      const size_t from = LongFormBegin(sentence, at, sentence[at + 1].text);
      if (from < at) AskFor(sentence, at + 1, from, at, out);
    }
    // "SMTP (Simple Mail Transfer Protocol)"
    if (IsAcronym(sentence[at]) && sentence[at + 1].text == "(") {
      size_t close = at + 2;
      while (close < sentence.size() && sentence[close].text != ")" && close < at + 14) ++close;
      if (sentence[close].text == ")" && Initials(sentence, at + 2, close) == sentence[at].text && close > at + 3) {
        AskFor(sentence, at, at + 2, close, out);
      }
    }
  }
}

}  // namespace quern::generator

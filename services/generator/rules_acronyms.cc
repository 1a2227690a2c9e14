#include <cctype>

#include "services/generator/noun_phrase.h"
#include "services/generator/rules.h"

namespace quern::generator {
namespace {

constexpr size_t kMinLetters = 3;
constexpr size_t kMaxLetters = 8;
// From this length on an acronym stands for one thing, as a rule.
constexpr size_t kUniqueLetters = 6;

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

// The context that an acronym is used in: the topic, unless it is the long form itself or a common word; else "".
std::string ContextOf(const Topic& topic, const Sentence& sentence, size_t from, size_t to, std::string_view letters) {
  // A title that the document neither defines nor names in its sentences may be a chapter's heading.
  const bool subject = topic.defined || topic.mention_text == topic.name;
  if (!subject || topic.words.empty() || topic.initials == letters) return "";
  if (!topic.proper || topic.person) return "";
  if (topic.words.size() == 1 && (topic.words.front() == text::LowerAscii(letters))) return "";
  const std::string form = text::LowerAscii(sentence.Text(from, to));
  for (const std::string& word : topic.words) {
    if (form.find(word) != std::string::npos && !text::Lexicon::English().IsClosed(word)) return "";
  }
  return "In the context of " + TopicText(topic) + ", what";
}

// Acronyms of up to five letters stand for many things (a blind reader found RAPD, SASE and OSCAR ambiguous): they are
// asked about in their context alone, longer ones without one, too.
void AskFor(const Topic& topic, const Sentence& sentence, size_t acronym, size_t from, size_t to,
            std::vector<Candidate>& out) {
  const std::string_view letters = sentence[acronym].text;
  if (sentence.At(from, "the")) ++from;
  std::string ask = ContextOf(topic, sentence, from, to, letters);
  const bool unique = letters.size() >= kUniqueLetters;
  if (ask.empty() && !unique) return;
  if (ask.empty()) ask = "What";
  out.push_back(MakeCandidate(sentence, from, to, v1::ANSWER_TYPE_NAME,
                              ask + " does the acronym " + std::string(letters) + " stand for?", "acronym",
                              unique ? 0.72 : 0.7));
}

}  // namespace

void AskAcronyms(const Topic& topic, const Sentence& sentence, std::vector<Candidate>& out) {
  for (size_t at = 0; at + 2 < sentence.size(); ++at) {
    // "Simple Mail Transfer Protocol (SMTP)"
    if (sentence[at].text == "(" && IsAcronym(sentence[at + 1]) && sentence[at + 2].text == ")") {
      const size_t from = LongFormBegin(sentence, at, sentence[at + 1].text);
      if (from < at) AskFor(topic, sentence, at + 1, from, at, out);
    }
    // "SMTP (Simple Mail Transfer Protocol)"
    if (IsAcronym(sentence[at]) && sentence[at + 1].text == "(") {
      size_t close = at + 2;
      while (close < sentence.size() && sentence[close].text != ")" && close < at + 14) ++close;
      if (sentence[close].text == ")" && Initials(sentence, at + 2, close) == sentence[at].text && close > at + 3) {
        AskFor(topic, sentence, at, at + 2, close, out);
      }
    }
  }
}

}  // namespace quern::generator

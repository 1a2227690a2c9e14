#include <algorithm>
#include <iterator>
#include <vector>

#include "absl/strings/str_format.h"
#include "common/text/lexicon.h"
#include "common/text/tokens.h"
#include "services/verifier/checks.h"

namespace quern::verifier {
namespace {

struct QuestionWord {
  text::Token token;
  std::string_view text;
  std::string lower;
};

std::vector<QuestionWord> WordsOf(std::string_view question) {
  std::vector<QuestionWord> words;
  for (const text::Token& token : text::Tokenize(question, 512)) {
    const std::string_view written = text::TokenText(question, token);
    words.push_back({token, written, text::LowerAscii(written)});
  }
  return words;
}

template <size_t N>
bool OneOf(std::string_view word, const std::string_view (&words)[N]) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

constexpr std::string_view kQuestionWords[] = {"what", "which", "who", "whom", "whose", "when", "where", "why", "how"};
constexpr std::string_view kAuxiliaries[] = {"is",  "are", "was",   "were", "do",    "does",   "did",  "has", "have",
                                             "had", "can", "could", "will", "would", "should", "must", "may", "might"};
// Words that point outside the question.
constexpr std::string_view kPointers[] = {"this",      "these",  "those",  "here", "above", "below", "aforementioned",
                                          "aforesaid", "latter", "former", "said", "such",  "my",    "our",
                                          "your",      "we",     "you",    "i",    "me",    "us"};
constexpr std::string_view kPronouns[] = {"he",     "she",        "it",  "they", "him", "them",  "himself", "herself",
                                          "itself", "themselves", "his", "hers", "its", "their", "theirs",  "her"};
constexpr std::string_view kTextMentions[] = {
    "the text",         "the passage",  "the document",     "the article",   "the author says", "the section",
    "the chapter",      "the page",     "the following",    "the paragraph", "the sentence",    "the excerpt",
    "according to the", "the previous", "the next section", "mentioned",     "the example"};
// Nouns that only an antecedent can make definite.
constexpr std::string_view kAnaphoricNouns[] = {
    "system",     "program",   "project",   "company",  "organisation", "organization", "language", "method", "book",
    "film",       "city",      "town",      "village",  "building",     "author",       "team",     "group",  "device",
    "machine",    "software",  "command",   "function", "file",         "option",       "album",    "song",   "band",
    "game",       "series",    "species",   "war",      "battle",       "treaty",       "process",  "model",  "version",
    "user",       "parameter", "value",     "name",     "term",         "word",         "church",   "bridge", "school",
    "university", "party",     "agreement", "law",      "act"};

bool OpensAsQuestion(const std::vector<QuestionWord>& words) {
  size_t at = 0;
  const text::Lexicon& lexicon = text::Lexicon::English();
  // "In computing, what ..." and "Of the ..., which ...": a lead of up to twelve words that ends in a comma.
  if ((lexicon.Classes(words[0].lower) & text::kPreposition) != 0) {
    for (size_t i = 1; i < words.size() && i <= 13; ++i) {
      if (words[i].text == ",") at = i + 1;
      if (words[i].text == ",") break;
    }
  }
  if (at >= words.size()) return false;
  const bool preposition = (lexicon.Classes(words[at].lower) & text::kPreposition) != 0;
  const std::string& first = preposition && at + 1 < words.size() ? words[at + 1].lower : words[at].lower;
  return OneOf(first, kQuestionWords) || (!preposition && OneOf(first, kAuxiliaries));
}

bool IsBalanced(std::string_view text) {
  int round = 0;
  int square = 0;
  int quotes = 0;
  for (const char c : text) {
    if (c == '(') ++round;
    if (c == ')' && --round < 0) return false;
    if (c == '[') ++square;
    if (c == ']' && --square < 0) return false;
    if (c == '"') ++quotes;
  }
  return round == 0 && square == 0 && quotes % 2 == 0;
}

// "the system" with nothing after it that says which: no "of", no relative, no name.
bool IsBareDefinite(const std::vector<QuestionWord>& words, size_t at) {
  if (words[at].lower != "the" || at + 1 >= words.size() || !OneOf(words[at + 1].lower, kAnaphoricNouns)) return false;
  if (at + 2 >= words.size()) return true;
  const QuestionWord& next = words[at + 2];
  if (next.token.capitalised || next.token.kind == text::TokenKind::kNumber || next.text == "\"") return false;
  const uint32_t classes = text::Lexicon::English().Classes(next.lower);
  if ((classes & text::kRelative) != 0 || next.lower == "of" || next.lower == "for" || next.lower == "called" ||
      next.lower == "named") {
    return false;
  }
  // "the term nucleic acid", "the word robot": the word itself follows.
  const std::string& noun = words[at + 1].lower;
  const bool word = (noun == "term" || noun == "word" || noun == "name") &&
                    text::Lexicon::English().Verb(next.lower).second != text::VerbForm::kPast;
  if (word && next.token.kind == text::TokenKind::kWord && (classes & (text::kClosed | text::kAdverb)) == 0)
    return false;
  // A compound goes on: "the file format X" has its own head.
  return (classes & text::kNoun) == 0 || (classes & text::kClosed) != 0;
}

}  // namespace

bool CheckNamesNoText(const v1::QuestionAnswer& pair, std::string& detail) {
  const std::string lower = text::LowerAscii(text::CollapseSpaces(pair.question()));
  for (const std::string_view mention : kTextMentions) {
    if (lower.find(mention) != std::string::npos) {
      detail = absl::StrFormat("mentions \"%s\"", mention);
      return false;
    }
  }
  return true;
}

bool CheckSelfContained(const v1::QuestionAnswer& pair, std::string& detail) {
  if (!CheckNamesNoText(pair, detail)) return false;
  const std::vector<QuestionWord> words = WordsOf(pair.question());
  for (size_t at = 0; at < words.size(); ++at) {
    const bool name = at > 0 && words[at].token.capitalised && words[at].lower.size() > 1;
    const bool quoted = at > 0 && words[at - 1].text == "\"";
    if (name || quoted) continue;
    if (OneOf(words[at].lower, kPointers) || OneOf(words[at].lower, kPronouns) || IsBareDefinite(words, at)) {
      detail = absl::StrFormat("\"%s\" points outside the question", words[at].lower);
      return false;
    }
  }
  return true;
}

bool CheckWellFormed(const v1::QuestionAnswer& pair, std::string& detail) {
  const std::string& question = pair.question();
  const std::vector<QuestionWord> words = WordsOf(question);
  if (words.empty() || question.back() != '?' || question.find('?') != question.size() - 1) {
    detail = "does not end in its only question mark";
  } else if (!words.front().token.capitalised) {
    detail = "does not begin with a capital letter";
  } else if (!OpensAsQuestion(words)) {
    detail = "does not open as a question";
  } else if (!IsBalanced(question) || !IsBalanced(pair.answer())) {
    detail = "brackets or quotation marks are not balanced";
  } else if (question.find_first_of("{}<>|\\`~^\n\r\t") != std::string::npos ||
             question.find("  ") != std::string::npos || question.find("**") != std::string::npos ||
             question.find("__") != std::string::npos || question.find("://") != std::string::npos ||
             question.find("..") != std::string::npos) {
    detail = "holds mark-up or white space that is no text";
  } else if (text::HasInvisible(question) || text::HasInvisible(pair.answer())) {
    detail = "holds invisible characters";
  }
  for (size_t at = 1; detail.empty() && at < words.size(); ++at) {
    if (words[at].lower == words[at - 1].lower && words[at].token.kind == text::TokenKind::kWord &&
        words[at].lower != "had") {
      detail = absl::StrFormat("says \"%s\" twice", words[at].lower);
    }
  }
  return detail.empty();
}

bool CheckLength(const v1::QuestionAnswer& pair, const Options& options, std::string& detail) {
  const auto count = [](const std::string& text) {
    size_t words = 0;
    bool inside = false;
    for (const char c : text) {
      const bool space = c == ' ' || (c >= '\t' && c <= '\r');
      words += !space && !inside ? 1 : 0;
      inside = !space;
    }
    return words;
  };
  const size_t question = count(pair.question());
  const size_t answer = count(pair.answer());
  detail = absl::StrFormat("question %d words, answer %d words", question, answer);
  // A word of more than 80 bytes is no word; it would pass a limit that counts words.
  if (pair.question().size() > 80 * options.max_question_words || pair.answer().size() > 80 * options.max_answer_words)
    return false;
  return question >= options.min_question_words && question <= options.max_question_words && answer >= 1 &&
         answer <= options.max_answer_words;
}

}  // namespace quern::verifier

#include "services/generator/topic.h"

#include <cctype>

#include "services/generator/noun_phrase.h"

namespace quern::generator {
namespace {

constexpr size_t kMaxTitleWords = 6;

// A title's name part: "Mercury (planet)" names Mercury, "PostgreSQL: Documentation" is no name.
std::string_view NamePart(std::string_view title) {
  const size_t bracket = title.find(" (");
  return bracket == std::string_view::npos ? title : title.substr(0, bracket);
}

std::vector<std::string> WordsOf(std::string_view name) {
  std::vector<std::string> words;
  for (const text::Token& token : text::Tokenize(name, kMaxTitleWords + 1)) {
    if (token.kind == text::TokenKind::kPunct) return {};
    words.push_back(text::LowerAscii(text::TokenText(name, token)));
  }
  return words;
}

// True when `words` name something rather than head a chapter: "using psql", "chapter 5" and "overview" do not.
bool IsName(const std::vector<std::string>& words) {
  if (words.empty() || words.size() > kMaxTitleWords) return false;
  const text::Lexicon& lexicon = text::Lexicon::English();
  static constexpr std::string_view kHeadings[] = {
      "chapter",   "section",      "appendix",   "part",       "introduction", "overview",    "index",
      "contents",  "preface",      "notes",      "note",       "examples",     "example",     "summary",
      "glossary",  "bibliography", "references", "tutorial",   "how",          "what",        "why",
      "when",      "getting",      "using",      "installing", "history",      "description", "usage",
      "faq",       "release",      "untitled",   "home",       "about",        "table",       "figure",
      "copyright", "main",         "readme",     "news",       "manual",       "guide",       "documentation",
      "document",  "license",      "changes",    "todo",       "test",         "list",        "version"};
  for (const std::string_view heading : kHeadings) {
    if (words.front() == heading || words.back() == heading) return false;
  }
  if (words.front()[0] >= '0' && words.front()[0] <= '9') return false;
  for (const std::string& word : words) {
    const uint32_t classes = lexicon.Classes(word);
    if ((classes & (text::kModal | text::kFirstSecond | text::kRelative | text::kAuxiliary)) != 0) return false;
    if (words.size() > 1 && lexicon.Verb(word).second == text::VerbForm::kGerund && &word == &words.front())
      return false;
  }
  return (lexicon.Classes(words.front()) & (text::kPreposition | text::kConjunction)) == 0;
}

// True when the name keeps its capitals: it holds one past its first letter, or begins with one and the document never
// writes it otherwise inside a sentence.
bool IsProper(const std::string& name, const std::vector<std::string>& words, const std::vector<Sentence>& sentences) {
  bool first = true;
  for (const char c : name) {
    if (!first && c >= 'A' && c <= 'Z') return true;
    first = false;
  }
  if (name.empty() || name[0] < 'A' || name[0] > 'Z') return static_cast<unsigned char>(name[0]) >= 0x80;
  for (const Sentence& sentence : sentences) {
    for (size_t at = 1; at < sentence.size(); ++at) {
      if (sentence[at].lower == words.front() && !sentence[at].IsPunct()) return sentence[at].token.capitalised;
    }
  }
  return true;
}

// The noun that says what kind of thing "a(n) ... KIND" is, with at most one noun or adjective before it, from `at` on
// (after the article).
std::string KindAt(const Sentence& sentence, size_t at, bool& person) {
  const size_t stop = sentence.ClauseEnd(at);
  size_t end = at;
  while (end < stop && !sentence[end].Is(text::kClosed) && !sentence[end].IsNumber() &&
         sentence[end].Is(text::kNoun | text::kAdjective) && !sentence[end].token.capitalised) {
    const auto [base, form] = text::Lexicon::English().Verb(sentence[end].lower);
    if (form == text::VerbForm::kPast && end > at) break;
    ++end;
  }
  if (end == at || !sentence[end - 1].Is(text::kNoun)) return "";
  person = sentence[end - 1].Is(text::kPersonNoun);
  // Kinds that name a role rather than what a thing is read badly before a name.
  static constexpr std::string_view kRoles[] = {"implementation", "version",    "technology", "thing",        "form",
                                                "type",           "method",     "one",        "way",          "set",
                                                "part",           "term",       "name",       "extension",    "dialect",
                                                "subset",         "derivative", "successor",  "kind",         "member",
                                                "result",         "example",    "variant",    "approach",     "class",
                                                "product",        "use",        "word",       "abbreviation", "first",
                                                "second",         "third",      "last",       "best",         "only",
                                                "same",           "acronym",    "place",      "man",          "woman"};
  for (const std::string_view role : kRoles) {
    if (sentence[end - 1].lower == role) return "";
  }
  const size_t begin =
      end - at >= 2 && sentence[end - 2].Is(text::kNoun) && !sentence[end - 2].Is(text::kTimeNoun | text::kAdjective)
          ? end - 2
          : end - 1;
  return sentence.Text(begin, end);
}

// Reads kind and person from the first sentence when it says "NAME is a ..." or, for a headword, "A ...".
void ReadFirstSentence(const std::vector<Sentence>& sentences, Topic& topic) {
  if (sentences.empty() || sentences.front().index() > 1) return;
  const Sentence& first = sentences.front();
  size_t at = first.At(0, "the") && !topic.words.empty() && topic.words.front() != "the" ? 1 : 0;
  if (const size_t end = TopicEnd(topic, first, at); end > at) {
    at = end;
    if (first[at].text == "(") {
      while (at < first.size() && first[at].text != ")") ++at;
      ++at;
    }
    if (!first.At(at, "is") && !first.At(at, "was")) return;
    ++at;
  } else {
    topic.headword = first.index() == 0 && (first.At(0, "a") || first.At(0, "an") || first.At(0, "the"));
    at = 0;
    if (!topic.headword) return;
  }
  if (first.At(at, "a") || first.At(at, "an") || first.At(at, "the")) topic.kind = KindAt(first, at + 1, topic.person);
}

}  // namespace

size_t TopicEnd(const Topic& topic, const Sentence& sentence, size_t at) {
  if (topic.words.empty()) return at;
  if (!topic.initials.empty() && sentence[at].text == topic.initials) return at + 1;
  for (size_t i = 0; i < topic.words.size(); ++i) {
    if (!sentence.At(at + i, topic.words[i])) return at;
  }
  return at + topic.words.size();
}

Topic FindTopic(const v1::Document& document, const std::vector<Sentence>& sentences) {
  Topic topic;
  const std::string_view title = NamePart(document.title());
  std::vector<std::string> words = WordsOf(title);
  if (IsName(words)) {
    topic.name = text::CollapseSpaces(title);
    topic.words = std::move(words);
    topic.proper = IsProper(topic.name, topic.words, sentences);
    if (!topic.proper) topic.name[0] = text::LowerAscii(topic.name.substr(0, 1))[0];
  } else if (!sentences.empty() && sentences.front().index() == 0) {
    const Sentence& first = sentences.front();
    const size_t end = NameEnd(first, 0);
    const bool defines = (first.At(end, "is") || first.At(end, "was")) &&
                         (first.At(end + 1, "a") || first.At(end + 1, "an") || first.At(end + 1, "the"));
    if (end > 0 && (defines || first[end].text == "(")) {
      const size_t begin = first.At(0, "the") ? 1 : 0;
      topic.name = first.Text(begin, end);
      for (size_t at = begin; at < end; ++at) topic.words.push_back(first[at].lower);
      topic.proper = true;
    }
  }
  if (topic.words.size() >= 3 && topic.proper) {
    for (const std::string& word : topic.words) {
      const uint32_t classes = text::Lexicon::English().Classes(word);
      if ((classes & (text::kPreposition | text::kConjunction | text::kDeterminer)) == 0) {
        topic.initials += static_cast<char>(std::toupper(static_cast<unsigned char>(word[0])));
      }
    }
    if (topic.initials.size() < 3) topic.initials.clear();
  }
  ReadFirstSentence(sentences, topic);
  return topic;
}

}  // namespace quern::generator

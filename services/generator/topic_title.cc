#include "services/generator/topic_title.h"

namespace quern::generator {
namespace {

constexpr size_t kMaxTitleWords = 6;

}  // namespace

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

bool IsName(const std::vector<std::string>& words) {
  if (words.empty() || words.size() > kMaxTitleWords) return false;
  const text::Lexicon& lexicon = text::Lexicon::English();
  static constexpr std::string_view kHeadings[] = {"chapter",
                                                   "section",
                                                   "appendix",
                                                   "part",
                                                   "introduction",
                                                   "overview",
                                                   "index",
                                                   "contents",
                                                   "preface",
                                                   "notes",
                                                   "note",
                                                   "examples",
                                                   "example",
                                                   "summary",
                                                   "glossary",
                                                   "bibliography",
                                                   "references",
                                                   "tutorial",
                                                   "how",
                                                   "what",
                                                   "why",
                                                   "when",
                                                   "getting",
                                                   "using",
                                                   "installing",
                                                   "history",
                                                   "description",
                                                   "usage",
                                                   "faq",
                                                   "release",
                                                   "untitled",
                                                   "home",
                                                   "about",
                                                   "table",
                                                   "figure",
                                                   "copyright",
                                                   "main",
                                                   "readme",
                                                   "news",
                                                   "manual",
                                                   "guide",
                                                   "documentation",
                                                   "document",
                                                   "license",
                                                   "changes",
                                                   "todo",
                                                   "test",
                                                   "list",
                                                   "version",
                                                   "further",
                                                   "brief",
                                                   "procedure",
                                                   "procedures",
                                                   "notices",
                                                   "addendum",
                                                   "foreword",
                                                   "internals",
                                                   "acknowledgements",
                                                   "acknowledgments",
                                                   "conventions",
                                                   "requirements",
                                                   "installation",
                                                   "basics",
                                                   "concepts",
                                                   "features",
                                                   "options",
                                                   "files",
                                                   "commands",
                                                   "functions",
                                                   "questions",
                                                   "resources",
                                                   "links",
                                                   "credits",
                                                   "conclusion",
                                                   "conclusions",
                                                   "epilogue",
                                                   "prologue",
                                                   "miscellaneous",
                                                   "file",
                                                   "glossary"};
  for (const std::string_view heading : kHeadings) {
    if (words.front() == heading || words.back() == heading) return false;
  }
  if (words.front()[0] >= '0' && words.front()[0] <= '9') return false;
  for (size_t i = 0; i + 1 < words.size(); ++i) {
    if (words[i] == "history" && words[i + 1] == "of") return false;
  }
  for (const std::string& word : words) {
    const uint32_t classes = lexicon.Classes(word);
    if ((classes & (text::kModal | text::kFirstSecond | text::kRelative | text::kAuxiliary)) != 0) return false;
    if (words.size() > 1 && lexicon.Verb(word).second == text::VerbForm::kGerund && &word == &words.front())
      return false;
  }
  return (lexicon.Classes(words.front()) & (text::kPreposition | text::kConjunction)) == 0;
}

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

}  // namespace quern::generator

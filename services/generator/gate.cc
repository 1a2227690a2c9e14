#include "services/generator/gate.h"

#include "absl/container/flat_hash_set.h"
#include "common/text/lexicon.h"

namespace quern::generator {
namespace {

constexpr size_t kMinBytes = 20;
constexpr size_t kMaxBytes = 400;

// Words that make a claim weaker, relative to the moment of writing, to the place in the text, or to the writer.
const absl::flat_hash_set<std::string_view>& Spoilers() {
  static const absl::flat_hash_set<std::string_view> words = {
      // hedges
      "maybe", "perhaps", "possibly", "probably", "presumably", "apparently", "allegedly", "reportedly", "supposedly",
      "likely", "unlikely", "often", "sometimes", "usually", "generally", "typically", "commonly", "mostly",
      "frequently", "occasionally", "rarely", "seldom", "normally", "traditionally", "arguably", "almost", "nearly",
      "roughly", "approximately", "about", "around", "circa", "some", "several", "various", "many", "most", "certain",
      "seem", "seems", "seemed", "appear", "appears", "appeared", "claim", "claims", "claimed", "believed", "thought",
      "rumoured", "rumored", "alleged", "estimated", "disputed", "uncertain", "unclear", "unknown", "legend",
      "tradition", "suggests", "suggested", "speculated", "purportedly", "purported", "either", "etc", "eg", "e.g",
      "ie", "i.e", "if", "unless", "whether", "example", "instance",
      // time and place of writing
      "now", "nowadays", "today", "currently", "recently", "presently", "yesterday", "tomorrow", "ago", "so-called",
      "here", "above", "below", "following", "aforementioned", "latter", "former", "respectively", "later", "earlier",
      "soon", "meanwhile", "previously", "latest", "newest", "current", "modern", "subsequently", "afterwards",
      "afterward", "eventually", "once", "then", "yet", "still", "next", "previous", "page", "chapter", "section",
      "figure", "table", "listing", "appendix", "paragraph", "diagram", "screenshot", "tutorial",
      // connectives
      "however", "therefore", "thus", "hence", "moreover", "furthermore", "nevertheless", "nonetheless", "instead",
      "otherwise", "consequently", "accordingly", "besides", "similarly", "likewise", "conversely", "indeed", "anyway",
      "please", "note", "see", "click", "press", "select", "choose", "let", "imagine", "suppose", "consider"};
  return words;
}

bool IsSpoiler(const Sentence& sentence, size_t at) {
  const Word& word = sentence[at];
  if (word.IsPunct()) return false;
  // Part of a name ("Most", "The Next Generation"): capitalised inside the sentence.
  if (at > 0 && word.token.capitalised && word.lower != "i") return false;
  if (word.Is(text::kFirstSecond | text::kNegation | text::kModal)) {
    // "neither" words are negations; "can" and "must" hedge or command.
    return true;
  }
  if (word.Is(text::kDemonstrative)) return word.lower != "that" || at == 0;
  return Spoilers().contains(word.lower);
}

bool IsLetterOrDigit(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c >= 0xC3;
}

bool HasForbiddenBytes(std::string_view s) {
  for (size_t at = 0; at < s.size(); ++at) {
    switch (s[at]) {
      case '{':
      case '}':
      case '<':
      case '>':
      case '|':
      case '\\':
      case '=':
      case '*':
      case '^':
      case '~':
      case '?':
      case '!':
      case '"':
      case '`':
      case '@':
      case '[':
      case ']':
      case ';':
        return true;
      case '.':
        if (at + 1 < s.size() && s[at + 1] == '.') return true;
        break;
      case ':':
        if (at + 1 < s.size() && (s[at + 1] == '/' || s[at + 1] == ' ' || s[at + 1] == '\n' || s[at + 1] == ':'))
          return true;
        break;
      case '\n':
        if (at + 1 < s.size() && s[at + 1] == '\n') return true;
        break;
      default:
        break;
    }
  }
  return s.find("\xE2\x80\x9C") != std::string_view::npos || s.find("\xE2\x80\x9D") != std::string_view::npos ||
         s.find("\xE2\x80\xA6") != std::string_view::npos || s.find("\xE2\x86\x92") != std::string_view::npos;
}

}  // namespace

bool LooksLikeStatement(std::string_view sentence) {
  if (sentence.size() < kMinBytes || sentence.size() > kMaxBytes || sentence.back() != '.') return false;
  if (!IsLetterOrDigit(static_cast<unsigned char>(sentence[0])) || (sentence[0] >= 'a' && sentence[0] <= 'z'))
    return false;
  return !HasForbiddenBytes(sentence) && !text::HasInvisible(sentence);
}

bool StandsAlone(const Sentence& sentence) {
  if (sentence.size() < 5 || sentence.size() > 60) return false;
  int open = 0;
  for (size_t at = 0; at < sentence.size(); ++at) {
    if (IsSpoiler(sentence, at)) return false;
    if (sentence[at].text == "(") ++open;
    if (sentence[at].text == ")" && --open < 0) return false;
    // Two sentences that were not told apart.
    if (sentence[at].text == "." && at + 1 < sentence.size()) return false;
  }
  return open == 0;
}

}  // namespace quern::generator

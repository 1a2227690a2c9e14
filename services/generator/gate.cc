#include "services/generator/gate.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "common/text/lexicon.h"

namespace quern::generator {
namespace {

constexpr size_t kMinBytes = 20;
constexpr size_t kMaxBytes = 400;

using Words = absl::flat_hash_set<std::string_view>;

// Words that cast doubt on the whole sentence, tie it to another one or to a page, wherever they stand.
const Words& Spoilers() {
  static const Words words = {
      // doubt
      "maybe", "perhaps", "possibly", "probably", "presumably", "apparently", "allegedly", "reportedly", "supposedly",
      "likely", "unlikely", "traditionally", "arguably", "circa", "seem", "seems", "seemed", "appear", "appears",
      "appeared", "claim", "claims", "claimed", "believed", "thought", "rumoured", "rumored", "alleged", "estimated",
      "disputed", "uncertain", "unclear", "unknown", "legend", "tradition", "suggests", "suggested", "speculated",
      "purportedly", "purported", "according", "either", "whether", "unless", "if", "joke", "fictional", "mythical",
      // place in the text
      "respectively", "aforementioned", "following", "above", "below", "latter", "former", "page", "chapter", "section",
      "figure", "table", "listing", "appendix", "paragraph", "diagram", "screenshot", "tutorial", "example", "instance",
      // connectives
      "however", "therefore", "thus", "hence", "moreover", "furthermore", "nevertheless", "nonetheless", "instead",
      "otherwise", "consequently", "accordingly", "similarly", "likewise", "conversely", "indeed", "anyway", "please",
      "note", "see", "click", "press", "select", "choose", "let", "imagine", "suppose", "consider"};
  return words;
}

// Words that weaken only the claim that they stand in: frequency, vague amounts, times relative to the writing.
const Words& ClaimSpoilers() {
  static const Words words = {
      "often",        "sometimes", "usually", "generally", "typically",    "commonly",   "mostly",    "frequently",
      "occasionally", "rarely",    "seldom",  "normally",  "almost",       "nearly",     "roughly",   "approximately",
      "about",        "around",    "some",    "several",   "various",      "many",       "most",      "certain",
      "now",          "nowadays",  "today",   "currently", "recently",     "presently",  "yesterday", "tomorrow",
      "ago",          "so-called", "here",    "later",     "earlier",      "soon",       "meanwhile", "previously",
      "latest",       "newest",    "current", "modern",    "subsequently", "afterwards", "afterward", "eventually",
      "primarily",    "mainly",    "largely", "partly",    "once",         "then",       "yet",       "still",
      "next",         "previous"};
  return words;
}

// True for words that spoil by their class: I, you; not, never; and, in the claim itself, can, must, this, such.
bool SpoilsByClass(const Word& word, bool in_claim) {
  if (word.Is(text::kFirstSecond | text::kNegation)) return true;
  return in_claim && word.Is(text::kModal | text::kDemonstrative) && word.lower != "that";
}

// Capitalised inside the sentence: part of a name ("Most", "The Next Generation").
bool IsInName(const Sentence& sentence, size_t at) {
  return at > 0 && sentence[at].token.capitalised && (sentence[at].lower != "i" || sentence.IsRegnalI(at));
}

// "above sea level" measures.
bool IsSeaLevel(const Sentence& sentence, size_t at) { return sentence.Phrase(at + 1, "sea level"); }

bool IsLetterOrDigit(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c >= 0xC3;
}

// One past the e-mail address in angle brackets at `at`, else `at`.
size_t AddressEnd(std::string_view s, size_t at) {
  if (s[at] != '<') return at;
  const size_t close = s.find('>', at);
  if (close == std::string_view::npos || close - at > 60) return at;
  const std::string_view inside = s.substr(at + 1, close - at - 1);
  const bool address =
      inside.find('@') != std::string_view::npos && inside.find_first_of(" \n\t<{}|\\") == std::string_view::npos;
  return address ? close + 1 : at;
}

// One past the round brackets at `at` when they hold a pronunciation or dates, "(German: [albert]; 14 March 1879 ...)",
// else `at`.
size_t NameGlossEnd(std::string_view s, size_t at) {
  constexpr size_t kLongestGloss = 160;
  if (s[at] != '(') return at;
  const size_t close = s.substr(0, std::min(s.size(), at + kLongestGloss)).find(')', at);
  if (close == std::string_view::npos) return at;
  const std::string_view inside = s.substr(at, close - at);
  return inside.find_first_of(";:") != std::string_view::npos &&
                 inside.find_first_of("<>{}|=*?!\"@") == std::string_view::npos
             ? close + 1
             : at;
}

bool HasForbiddenBytes(std::string_view s) {
  for (size_t at = 0; at < s.size(); ++at) {
    if (const size_t end = AddressEnd(s, at); end > at) at = end;
    if (at < s.size()) at = NameGlossEnd(s, at);
    if (at >= s.size()) break;
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

// At least seven of ten lower-case words are English: WordNet or a closed class knows them.
bool LooksEnglish(const Sentence& sentence) {
  size_t words = 0;
  size_t known = 0;
  int open = 0;
  for (size_t at = 0; at < sentence.size(); ++at) {
    const Word& word = sentence[at];
    // A pronunciation or a name in another language.
    open += word.text == "(" ? 1 : word.text == ")" ? -1 : 0;
    if (open > 0) continue;
    if (word.token.kind != text::TokenKind::kWord || word.token.capitalised) continue;
    ++words;
    known += word.classes != 0 || word.lower.find('-') != std::string::npos ? 1 : 0;
  }
  return known * 10 >= words * 7;
}

}  // namespace

bool LooksLikeStatement(std::string_view sentence) {
  if (sentence.size() < kMinBytes || sentence.size() > kMaxBytes || sentence.back() != '.') return false;
  if (!IsLetterOrDigit(static_cast<unsigned char>(sentence[0])) || (sentence[0] >= 'a' && sentence[0] <= 'z'))
    return false;
  return !HasForbiddenBytes(sentence) && !text::HasInvisible(sentence);
}

bool StandsAlone(const Sentence& sentence) {
  if (sentence.size() < 5 || sentence.size() > 60 || !LooksEnglish(sentence)) return false;
  if (sentence[0].Is(text::kDemonstrative)) return false;
  int open = 0;
  for (size_t at = 0; at < sentence.size(); ++at) {
    const Word& word = sentence[at];
    if (!word.IsPunct() && !IsInName(sentence, at) && !IsSeaLevel(sentence, at) &&
        (SpoilsByClass(word, false) || Spoilers().contains(word.lower)))
      return false;
    if (word.text == "(") ++open;
    if (word.text == ")" && --open < 0) return false;
    // Two sentences that were not told apart.
    if (word.text == "." && at + 1 < sentence.size()) return false;
  }
  return open == 0;
}

bool IsPlainClaim(const Sentence& sentence, uint64_t answer_end) {
  size_t end = 0;
  while (end < sentence.size() && sentence[end].token.begin < answer_end) ++end;
  end = sentence.ClauseEnd(end);
  for (size_t at = 0; at < end; ++at) {
    const Word& word = sentence[at];
    if (word.IsPunct() || IsInName(sentence, at)) continue;
    // "and can be used": another claim.
    if (word.token.begin >= answer_end && (word.lower == "and" || word.lower == "but")) return true;
    if (SpoilsByClass(word, true) || ClaimSpoilers().contains(word.lower)) return false;
  }
  return true;
}

}  // namespace quern::generator

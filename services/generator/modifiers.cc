#include "services/generator/modifiers.h"

#include "services/generator/event_verbs.h"
#include "services/generator/noun_phrase.h"
#include "services/generator/topic_kind.h"
#include "services/generator/word_list.h"

namespace quern::generator {
namespace {

// What a thing derived from another one is: in "a dialect of Lisp designed by", the dialect was designed.
bool IsDerivative(std::string_view noun) {
  static constexpr std::string_view kNouns[] = {"dialect",    "version",     "variant", "extension", "superset",
                                                "subset",     "descendant",  "clone",   "port",      "derivative",
                                                "successor",  "predecessor", "form",    "type",      "implementation",
                                                "kind",       "family",      "series",  "revision",  "translation",
                                                "adaptation", "biography",   "set",     "suite",     "collection"};
  return OneOf(noun, kNouns);
}

bool IsParticipleAt(const Sentence& sentence, size_t at) {
  const Word& next = sentence[at + 1];
  return !PastBase(sentence, at).empty() && (next.Is(text::kPreposition) || next.lower == "jointly");
}

// "originally", "first", "jointly" before a participle.
size_t SkipManner(const Sentence& sentence, size_t at) {
  static constexpr std::string_view kAdverbs[] = {"originally", "first", "initially", "jointly", "officially"};
  return OneOf(sentence[at].lower, kAdverbs) ? at + 1 : at;
}

bool EndsScan(const Word& word) {
  if (word.Is(text::kRelative | text::kModal | text::kPronoun | text::kNegation)) return true;
  if (word.Is(text::kAuxiliary)) return true;
  return word.text == "(" || word.text == ")" || word.text == ";" || word.text == ":" || word.lower == "but";
}

// True when a participle at `at`, past the prepositional phrases [head + 1, at), can only modify the head.
bool IsAttached(const Sentence& sentence, size_t head, size_t at, bool named) {
  if (at == head + 1) return true;
  const Word& before = sentence[at - 1];
  if (before.text == ",") return true;
  const bool derived = IsDerivative(sentence[head].lower) && sentence.At(head + 1, "of");
  if (derived) return before.token.capitalised || before.Is(text::kNoun);
  if (named || (!before.Is(text::kNoun) && !before.token.capitalised) ||
      text::Lexicon::English().IsPlural(before.lower))
    return false;
  for (size_t i = at - 1; i > head; --i) {
    if (sentence[i].Is(text::kPreposition)) return true;
    if (sentence[i].Is(text::kDeterminer)) return false;
  }
  return true;
}

// The last word of "A Personal Digital Assistant" when a participle follows it; 0 when there is none.
size_t CapitalHead(const Sentence& sentence, size_t at) {
  for (; at < sentence.Stop() && !sentence[at].IsPunct() && !sentence[at].Is(text::kClosed); ++at) {
    if (sentence[at].token.capitalised && IsParticipleAt(sentence, at + 1)) return at;
  }
  return 0;
}

// The first "and PARTICIPLE" or ", PARTICIPLE" after `at`, or where the scan ends.
size_t NextModifier(const Sentence& sentence, size_t at) {
  for (; at < sentence.Stop() && !EndsScan(sentence[at]); ++at) {
    if (sentence[at].text != "," && !sentence.At(at, "and")) continue;
    size_t next = at + 1;
    if (sentence[at].text == "," && sentence.At(next, "and")) ++next;
    if (IsParticipleAt(sentence, SkipManner(sentence, next))) return at;
    // Another comma opens another thought.
    if (sentence[at].text == "," && !sentence[at + 1].token.capitalised && !sentence.At(at + 1, "and")) return at;
  }
  return at;
}

}  // namespace

std::optional<size_t> PredicateAt(const Topic& topic, const Sentence& sentence) {
  if (topic.words.empty()) return std::nullopt;
  if (sentence.index() == 0 && topic.headword) return 0;
  const size_t at = sentence.At(0, "the") && TopicEnd(topic, sentence, 0) == 0 ? 1 : 0;
  const size_t stand_in = StandInEnd(topic, sentence, 0);
  size_t copula = stand_in > 0 ? stand_in : TopicEnd(topic, sentence, at);
  if (copula == at) return std::nullopt;
  if (sentence[copula].text == "(") {
    while (copula < sentence.size() && sentence[copula].text != ")") ++copula;
    ++copula;
  }
  if (!sentence.At(copula, "is") && !sentence.At(copula, "was")) return std::nullopt;
  return copula + 1;
}

std::vector<Modifier> FindModifiers(const Sentence& sentence, size_t article) {
  std::vector<Modifier> found;
  if (!sentence.At(article, "a") && !sentence.At(article, "an") && !sentence.At(article, "the")) return found;
  size_t head = HeadNoun(sentence, article + 1);
  if (head == 0) head = CapitalHead(sentence, article + 1);
  if (head == 0) return found;
  bool named = false;
  for (size_t at = head + 1; at < sentence.Stop() && !EndsScan(sentence[at]); ++at) {
    const size_t participle = SkipManner(sentence, at);
    if (IsParticipleAt(sentence, participle) && (!found.empty() || IsAttached(sentence, head, at, named))) {
      const size_t end = NextModifier(sentence, participle + 1);
      found.push_back({participle, end});
      // Only what "and" or a comma joins to the first modifier can be another one.
      size_t next = end + 1;
      if (sentence[end].text == "," && sentence.At(next, "and")) ++next;
      if (end >= sentence.Stop() || !IsParticipleAt(sentence, SkipManner(sentence, next))) return found;
      at = next - 1;
      continue;
    }
    if (IsParticipleAt(sentence, participle)) return found;
    // "a chip from Acme Motors released in": a maker takes no participle.
    if (sentence.At(at, "from") && NameEnd(sentence, at + 1) > at + 1) {
      at = NameEnd(sentence, at + 1) - 1;
      continue;
    }
    named |= sentence[at].token.capitalised;
  }
  return found;
}

}  // namespace quern::generator

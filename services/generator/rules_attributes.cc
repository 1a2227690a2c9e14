#include <algorithm>

#include "services/generator/frame.h"
#include "services/generator/noun_phrase.h"
#include "services/generator/rules.h"
#include "services/generator/superlative.h"
#include "services/generator/word_list.h"

namespace quern::generator {
namespace {

// Lower-case nouns and adjectives at `at`, ending in a noun: one past their end, or `at`.
size_t NounsEnd(const Sentence& sentence, size_t at, size_t max_words) {
  size_t end = at;
  while (end < at + max_words && (sentence[end].Is(text::kNoun | text::kAdjective) || IsSuperlative(sentence, end)) &&
         !sentence[end].Is(text::kClosed) && !sentence[end].token.capitalised && !sentence[end].IsPunct()) {
    ++end;
  }
  while (end > at && !sentence[end - 1].Is(text::kNoun)) --end;
  return end;
}

// Nouns that name no one value of a thing.
bool IsVague(std::string_view noun) {
  static constexpr std::string_view kVague[] = {"part",         "result",
                                                "purpose",      "goal",
                                                "idea",         "problem",
                                                "reason",       "advantage",
                                                "disadvantage", "use",
                                                "example",      "kind",
                                                "type",         "sort",
                                                "number",       "variety",
                                                "rest",         "majority",
                                                "end",          "way",
                                                "case",         "thing",
                                                "aim",          "point",
                                                "effect",       "importance",
                                                "lack",         "presence",
                                                "study",        "concept",
                                                "side",         "member",
                                                "edge",         "usage",
                                                "default",      "incarnation",
                                                "nature",       "issue",
                                                "difference",   "choice",
                                                "list",         "set",
                                                "amount",       "top",
                                                "basis",        "bulk",
                                                "species",      "common",
                                                "principal",    "typical",
                                                "usual",        "key",
                                                "form",         "structure",
                                                "rise",         "fall",
                                                "development",  "implementation",
                                                "version",      "selection",
                                                "option"};
  return std::find(std::begin(kVague), std::end(kVague), noun) != std::end(kVague);
}

// "The melting point", "the atomic number", "the highest point": the word before makes the vague noun exact.
bool IsVagueAt(const Sentence& sentence, size_t first, size_t head) {
  static constexpr std::string_view kExact[] = {"melting", "boiling", "freezing", "atomic", "flash"};
  return IsVague(sentence[head].lower) &&
         (head == first || (!OneOf(sentence[head - 1].lower, kExact) && !IsSuperlative(sentence, head - 1)));
}

// What an attribute is an attribute of: a named thing, or a bare mass noun or term ("hydrogen", "light").
std::optional<NounPhrase> ParseOwner(const Sentence& sentence, size_t at, const Topic& topic) {
  if (std::optional<NounPhrase> named = ParseNamed(sentence, at, topic)) return named;
  // Common nouns have constants ("the speed of light"); what else is said of them holds in its text only ("the default
  // for start").
  static constexpr std::string_view kConstants[] = {"symbol",   "point",     "speed",       "weight", "mass",
                                                    "density",  "formula",   "temperature", "charge", "radius",
                                                    "diameter", "half-life", "velocity",    "number"};
  const Word& head = sentence[at - 2];
  if (!sentence.At(at - 1, "of") ||
      std::find(std::begin(kConstants), std::end(kConstants), head.lower) == std::end(kConstants)) {
    return std::nullopt;
  }
  const size_t end = NounsEnd(sentence, at, 2);
  if (end == at || text::Lexicon::English().IsPlural(sentence[end - 1].lower) || end - at > 1) return std::nullopt;
  NounPhrase phrase;
  phrase.end = end;
  phrase.text = sentence.Text(at, end);
  return phrase;
}

struct Value {
  size_t begin = 0;
  size_t end = 0;
  v1::AnswerType type = v1::ANSWER_TYPE_UNSPECIFIED;
  // " at the 2010 census": context that the question takes over.
  std::string context;
};

// The value at `at`, up to the end of the clause.
std::optional<Value> ParseValue(const Sentence& sentence, size_t at) {
  Value value{at, at, v1::ANSWER_TYPE_NAME, ""};
  bool unit = false;
  value.end = QuantityEnd(sentence, at, unit);
  if (value.end > at) {
    value.type = unit ? v1::ANSWER_TYPE_QUANTITY : v1::ANSWER_TYPE_NUMBER;
    if (YearEnd(sentence, at) == value.end) value.type = v1::ANSWER_TYPE_DATE;
  } else {
    value.end = NameEnd(sentence, at);
    if (value.end == at && sentence[at].token.kind == text::TokenKind::kWord && sentence[at].token.capitalised)
      value.end = at + 1;
    // "is ROMable", "is British": no name.
    const Word& last = sentence[value.end - 1];
    const bool adjective = last.Is(text::kAdjective) && !last.Is(text::kNoun | text::kPlaceName | text::kPersonName);
    const bool able = last.lower.size() > 5 && last.lower.substr(last.lower.size() - 4) == "able";
    if (value.end == at + 1 && (adjective || able)) return std::nullopt;
    if (value.end == at) return std::nullopt;
    if (sentence.At(at, "the")) value.begin = at + 1;
  }
  const size_t stop = sentence.Stop();
  if (value.end == stop || (sentence[value.end].text == "," && !sentence[value.end + 1].token.capitalised &&
                            !sentence[value.end + 1].IsNumber())) {
    return value;
  }
  const size_t end = sentence.ClauseEnd(value.end);
  const bool context = sentence.At(value.end, "at") || sentence.At(value.end, "in") || sentence.At(value.end, "as") ||
                       sentence.At(value.end, "on");
  if (!context || value.type == v1::ANSWER_TYPE_NAME || !IsPlainPhrase(sentence, value.end, end, 8))
    return std::nullopt;
  if (sentence.At(value.end, "as") && !sentence.At(value.end + 1, "of")) return std::nullopt;
  value.context = " " + sentence.Text(value.end, end);
  return value;
}

// "The capital of France is Paris."
void AskRelation(const Topic& topic, const Sentence& sentence, std::vector<Candidate>& out) {
  if (!sentence.At(0, "the")) return;
  const size_t noun_end = NounsEnd(sentence, 1, 4);
  if (noun_end == 1 || (!sentence.At(noun_end, "of") && !sentence.At(noun_end, "for"))) return;
  const Word& head = sentence[noun_end - 1];
  if (IsVagueAt(sentence, 1, noun_end - 1) || (noun_end > 2 && IsVague(sentence[1].lower))) return;
  if (text::Lexicon::English().IsPlural(head.lower)) return;
  const std::optional<NounPhrase> owner = ParseOwner(sentence, noun_end + 1, topic);
  if (!owner) return;
  const size_t copula = owner->end;
  if (!sentence.At(copula, "is") && !sentence.At(copula, "was")) return;
  const std::optional<Value> value = ParseValue(sentence, copula + 1);
  if (!value) return;
  const std::string ask = head.Is(text::kPersonNoun) && head.lower != "mascot" ? "Who " : "What ";
  out.push_back(MakeCandidate(sentence, value->begin, value->end, value->type,
                              ask + sentence[copula].lower + " the " + sentence.Text(1, noun_end) + " " +
                                  sentence.Text(noun_end, noun_end + 1) + " " + owner->text + value->context + "?",
                              "relation", 0.82));
}

// "Its capital is Paris" behind a sentence about France.
void AskPossessed(const Topic& topic, const Sentence& sentence, std::vector<Candidate>& out) {
  if (!IsPossessiveOf(topic, sentence, 0) || !IsArticleClear(topic)) return;
  size_t noun_end = NounsEnd(sentence, 1, 4);
  if (noun_end == 1) return;
  // "Its capital and largest city is".
  if (sentence.At(noun_end, "and")) {
    const size_t second = NounsEnd(sentence, noun_end + 1, 3);
    if (second == noun_end + 1) return;
    noun_end = second;
  }
  const Word& head = sentence[noun_end - 1];
  const size_t copula = noun_end;
  if (!sentence.At(copula, "is") && !sentence.At(copula, "was")) return;
  // Relatives come in numbers; parts of a body and of speech are no facts about one thing.
  if (IsVagueAt(sentence, 1, noun_end - 1) || text::Lexicon::English().IsPlural(head.lower) ||
      head.Is(text::kPersonNoun)) {
    return;
  }
  const std::optional<Value> value = ParseValue(sentence, copula + 1);
  if (!value) return;
  out.push_back(MakeCandidate(sentence, value->begin, value->end, value->type,
                              "What " + sentence[copula].lower + " the " + sentence.Text(1, noun_end) + " of " +
                                  TopicText(topic) + value->context + "?",
                              "relation", 0.82));
}

// "X has a population of 3,456."
void AskHaving(const Topic& topic, const Sentence& sentence, std::vector<Candidate>& out) {
  const std::optional<NounPhrase> subject = ParseNamed(sentence, 0, topic);
  if (!subject) return;
  size_t at = subject->end;
  const bool has = sentence.At(at, "has");
  if (!has && !sentence.At(at, "had")) return;
  if (!sentence.At(at + 1, "a") && !sentence.At(at + 1, "an")) return;
  const size_t noun_end = NounsEnd(sentence, at + 2, 4);
  if (noun_end == at + 2 || !sentence.At(noun_end, "of") || IsVague(sentence[noun_end - 1].lower)) return;
  const std::optional<Value> value = ParseValue(sentence, noun_end + 1);
  if (!value || value->type == v1::ANSWER_TYPE_NAME) return;
  out.push_back(MakeCandidate(sentence, value->begin, value->end, value->type,
                              std::string("What ") + (has ? "is" : "was") + " the " + sentence.Text(at + 2, noun_end) +
                                  " of " + subject->text + value->context + "?",
                              "attribute", 0.84));
}

}  // namespace

void AskAttributes(const Topic& topic, const Sentence& sentence, std::vector<Candidate>& out) {
  AskRelation(topic, sentence, out);
  AskPossessed(topic, sentence, out);
  AskHaving(topic, sentence, out);
}

}  // namespace quern::generator

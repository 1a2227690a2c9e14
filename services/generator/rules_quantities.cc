#include <algorithm>
#include <iterator>

#include "services/generator/frame.h"
#include "services/generator/noun_phrase.h"
#include "services/generator/rules.h"

namespace quern::generator {
namespace {

// "X is 324 metres tall": how tall is X.
void AskMeasure(const Sentence& sentence, const NounPhrase& subject, std::vector<Candidate>& out) {
  const size_t copula = subject.end;
  if (!sentence.At(copula, "is") && !sentence.At(copula, "was")) return;
  bool unit = false;
  const size_t end = QuantityEnd(sentence, copula + 1, unit);
  if (end == copula + 1 || !unit) return;
  size_t measure = end;
  if (sentence[measure].text == "(") {
    while (measure < sentence.size() && sentence[measure].text != ")") ++measure;
    ++measure;
  }
  static constexpr std::string_view kMeasures[] = {"tall", "long", "high", "wide", "deep", "thick", "old"};
  if (std::find(std::begin(kMeasures), std::end(kMeasures), sentence[measure].lower) == std::end(kMeasures)) return;
  if (measure + 1 != sentence.Stop() && sentence[measure + 1].text != "," && !sentence.At(measure + 1, "and")) return;
  out.push_back(MakeCandidate(
      sentence, copula + 1, end, v1::ANSWER_TYPE_QUANTITY,
      "How " + sentence[measure].lower + " " + sentence[copula].lower + " " + subject.text + "?", "measure", 0.84));
}

// "X has 206 bones": how many bones does X have. "X consists of three islands": of how many islands does X consist.
void AskCount(const Sentence& sentence, const NounPhrase& subject, std::vector<Candidate>& out) {
  const Word& verb = sentence[subject.end];
  static constexpr std::string_view kVerbs[] = {"has",       "had",       "have",      "contains",  "contained",
                                                "comprises", "comprised", "consists",  "consisted", "includes",
                                                "won",       "wrote",     "published", "composed"};
  if (std::find(std::begin(kVerbs), std::end(kVerbs), verb.lower) == std::end(kVerbs)) return;
  size_t at = subject.end + 1;
  const bool consist = verb.lower == "consists" || verb.lower == "consisted";
  if (consist && !sentence.At(at++, "of")) return;
  if (sentence.At(at, "exactly")) ++at;
  const size_t number = at;
  if (!sentence[at].IsNumber() && !sentence[at].Is(text::kNumberWord)) return;
  if (sentence.At(at, "one") || YearEnd(sentence, at) > at) return;
  const auto counts = [&](const Word& word) {
    return word.Is(text::kNumberWord) ||
           (word.IsNumber() && word.text.find_first_not_of("0123456789,.") == std::string_view::npos);
  };
  if (!counts(sentence[at])) return;
  while (counts(sentence[at])) ++at;
  const size_t noun = at;
  while (at < noun + 3 && sentence[at].Is(text::kNoun | text::kAdjective) && !sentence[at].Is(text::kClosed) &&
         !text::Lexicon::English().IsPlural(sentence[at].lower)) {
    ++at;
  }
  if (!text::Lexicon::English().IsPlural(sentence[at].lower) ||
      (sentence[at].Is(text::kUnitNoun) && !sentence[at].Is(text::kPlaceNoun)))
    return;
  const size_t end = at + 1;
  if (end != sentence.Stop() && sentence[end].text != ",") return;
  const auto [base, form] = text::Lexicon::English().Verb(verb.lower);
  const std::string lemma = verb.lower == "has" || verb.lower == "had" || verb.lower == "have" ? "have" : base;
  const bool past = verb.lower == "had" || (lemma != "have" && form == text::VerbForm::kPast);
  const std::string help = past ? "did " : subject.plural ? "do " : "does ";
  const std::string nouns = sentence.Text(noun, end);
  out.push_back(MakeCandidate(
      sentence, number, noun, v1::ANSWER_TYPE_NUMBER,
      (consist ? "Of how many " : "How many ") + nouns + " " + help + subject.text + " " + lemma + "?", "count", 0.74));
}

}  // namespace

void AskQuantities(const Topic& topic, const Sentence& sentence, std::vector<Candidate>& out) {
  const std::optional<NounPhrase> subject = ParseNamed(sentence, 0, topic);
  if (!subject) return;
  AskMeasure(sentence, *subject, out);
  AskCount(sentence, *subject, out);
}

}  // namespace quern::generator

#include <algorithm>

#include "services/generator/frame.h"
#include "services/generator/noun_phrase.h"
#include "services/generator/rules.h"
#include "services/generator/superlative.h"
#include "services/generator/word_list.h"

namespace quern::generator {
namespace {

// Nouns of which a thing has exactly one.
bool IsUniqueRole(std::string_view noun) {
  static constexpr std::string_view kRoles[] = {
      "capital", "founder",    "inventor",     "author",      "discoverer", "composer",  "creator", "currency",
      "symbol",  "birthplace", "successor",    "predecessor", "seat",       "architect", "highest", "namesake",
      "mascot",  "motto",      "headquarters", "anthem",      "patron",     "antonym",   "inverse", "developer"};
  return std::find(std::begin(kRoles), std::end(kRoles), noun) != std::end(kRoles);
}

// "who" asks for a founder; a mascot may be a thing. WordNet's first sense of "founder" is no person.
bool IsPersonRole(const Word& noun) {
  static constexpr std::string_view kPersons[] = {"founder", "author", "creator", "inventor", "discoverer"};
  return OneOf(noun.lower, kPersons) ||
         (noun.Is(text::kPersonNoun) && noun.lower != "mascot" && noun.lower != "member");
}

// The first preposition at or after `at`, or `end`.
size_t PrepositionAt(const Sentence& sentence, size_t at, size_t end) {
  while (at < end && !sentence[at].Is(text::kPreposition)) ++at;
  return at;
}

// True when [from, to) ties the description to one place, work or world: it holds a proper name, or "the world" and the
// like.
bool IsAnchored(const Sentence& sentence, const Topic& topic, size_t from, size_t to) {
  for (size_t at = from; at < to; ++at) {
    if (sentence[at].token.capitalised && sentence[at].token.kind == text::TokenKind::kWord) return true;
    if (TopicEnd(topic, sentence, at) > at) return true;
    for (const std::string_view world :
         {"the world", "the universe", "the solar system", "the periodic table", "the human body", "the night sky"}) {
      if (sentence.Phrase(at, world)) return true;
    }
  }
  return false;
}

// What a thing may be the only one of without being told apart by it.
bool IsVagueHead(std::string_view noun) {
  static constexpr std::string_view kNouns[] = {"selection", "option", "choice", "way",    "method",
                                                "setting",   "thing",  "part",   "reason", "difference"};
  return OneOf(noun, kNouns);
}

// "the capital and largest city of Iceland" at `at`: the position of "of", where the first role alone fits; else 0.
size_t JoinedRoleOf(const Sentence& sentence, size_t at) {
  if (!IsUniqueRole(sentence[at + 1].lower) || !sentence.At(at + 2, "and")) return 0;
  size_t of = at + 3;
  while (of < at + 7 && sentence[of].token.kind == text::TokenKind::kWord && !sentence.At(of, "of")) ++of;
  return sentence.At(of, "of") ? of : 0;
}

struct Description {
  std::string text;
  bool superlative = false;
  bool person = false;
};

// The description from "the" at `at` to the end of its clause, when it fits one thing only: it holds a superlative, an
// ordinal or a role of which there is one, and an anchor.
std::optional<Description> ReadDescription(const Topic& topic, const Sentence& sentence, size_t at) {
  const size_t end = sentence.ClauseEnd(at);
  if (end != sentence.Stop() && sentence[end].text != ",") return std::nullopt;
  if (sentence[end].text == "," && sentence[end + 1].token.capitalised) return std::nullopt;
  if (const size_t of = JoinedRoleOf(sentence, at);
      of > 0 && IsPlainPhrase(sentence, of, end, 5) && IsAnchored(sentence, topic, of + 1, end)) {
    return Description{"the " + sentence.Text(at + 1, at + 2) + " " + sentence.Text(of, end), false,
                       IsPersonRole(sentence[at + 1])};
  }
  const size_t preposition = PrepositionAt(sentence, at + 1, end);
  if (preposition + 1 >= end || preposition < at + 2) return std::nullopt;
  const Word& head = sentence[preposition - 1];
  if (!head.Is(text::kNoun) || head.token.capitalised || IsVagueHead(head.lower)) return std::nullopt;
  const bool superlative = IsSuperlative(sentence, at + 1) || IsOrdinal(sentence[at + 1].lower) ||
                           sentence.At(at + 1, "last") || sentence.At(at + 1, "only");
  if (!superlative && !IsUniqueRole(head.lower)) return std::nullopt;
  if (!IsPlainPhrase(sentence, at, end, 16) || !IsAnchored(sentence, topic, preposition + 1, end)) return std::nullopt;
  // "the second largest party" is fine; a list of descriptions is not.
  for (size_t i = at; i < end; ++i) {
    if (sentence.At(i, "and") || sentence.At(i, "one")) return std::nullopt;
  }
  return Description{
      sentence.Text(at, end), superlative,
      IsPersonRole(head) || sentence.At(preposition - 1, "woman") || sentence.At(preposition - 1, "man")};
}

}  // namespace

void AskIdentities(const Topic& topic, const Sentence& sentence, std::vector<Candidate>& out) {
  const std::optional<NounPhrase> subject = ParseNamed(sentence, 0, topic);
  if (!subject) return;
  size_t at = subject->end;
  const bool became = sentence.At(at, "became");
  if (!sentence.At(at, "is") && !sentence.At(at, "was") && !became) return;
  const std::string copula = sentence[at].lower;
  if (!sentence.At(++at, "the")) return;
  const std::optional<Description> description = ReadDescription(topic, sentence, at);
  if (!description || (became && !description->superlative)) return;
  const std::string question =
      (description->person && !sentence[subject->end - 1].Is(text::kCountryName) ? "Who " : "What ") + copula + " " +
      description->text + "?";
  const double score = description->superlative ? 0.84 : 0.82;
  const size_t begin = sentence.At(0, "the") ? 1 : 0;
  // A pronoun, a surname or "the tower" is no answer: the name stands elsewhere.
  const bool full =
      !subject->topic || (StandInEnd(topic, sentence, 0) == 0 && subject->end - begin >= topic.words.size());
  if (full) {
    out.push_back(MakeCandidate(sentence, begin, subject->end, v1::ANSWER_TYPE_NAME, question, "identity", score));
  } else {
    AppendTopicCandidate(topic, sentence, question, "identity", score, out);
  }
}

}  // namespace quern::generator

#include "services/generator/topic_kind.h"

#include "services/generator/event_verbs.h"
#include "services/generator/word_list.h"

namespace quern::generator {
namespace {

// Kinds that name a role or a collection rather than what a thing is: they read badly before its name.
bool IsRole(std::string_view noun) {
  static constexpr std::string_view kRoles[] = {
      "implementation", "version",      "technology", "thing",       "form",
      "type",           "method",       "one",        "way",         "set",
      "part",           "term",         "name",       "extension",   "dialect",
      "subset",         "derivative",   "successor",  "kind",        "member",
      "result",         "example",      "variant",    "approach",    "class",
      "product",        "use",          "word",       "first",       "second",
      "third",          "last",         "best",       "only",        "same",
      "place",          "man",          "woman",      "acronym",     "abbreviation",
      "family",         "suite",        "series",     "range",       "group",
      "pair",           "collection",   "capital",    "predecessor", "enhancement",
      "replacement",    "improvement",  "addition",   "alternative", "upgrade",
      "medium",         "continuation", "era",        "entity",      "element",
      "state",          "superset",     "combination"};
  return OneOf(noun, kRoles);
}

bool IsGerund(const Word& word) { return text::Lexicon::English().Verb(word.lower).second == text::VerbForm::kGerund; }

// Gerunds that form names of kinds: "operating system"; others go on: "a language combining".
bool IsNamingGerund(std::string_view gerund) {
  static constexpr std::string_view kGerunds[] = {
      "operating", "programming", "processing", "building",    "engineering", "publishing", "recording",
      "computing", "marketing",   "learning",   "planning",    "shipping",    "trading",    "manufacturing",
      "mining",    "painting",    "sailing",    "fishing",     "printing",    "mailing",    "editing",
      "drawing",   "modelling",   "modeling",   "functioning", "networking",  "nursing",    "training"};
  return OneOf(gerund, kGerunds);
}

// True when the gerund at `at` opens a clause of its own; in "a file browsing utility for" it is part of the name.
bool IsOpeningGerund(const Sentence& sentence, size_t at) {
  const Word& word = sentence[at];
  if (!IsGerund(word) || IsNamingGerund(word.lower) || word.lower.find('-') != std::string::npos) return false;
  static constexpr std::string_view kOpening[] = {
      "using",     "having",    "being",     "containing", "supporting", "providing", "offering",  "allowing",
      "running",   "combining", "including", "featuring",  "involving",  "requiring", "employing", "covering",
      "enclosing", "giving",    "making",    "linking",    "connecting", "spanning",  "following", "giving",
      "lasting",   "taking",    "showing",   "depicting",  "describing", "dealing",   "consisting"};
  if (OneOf(word.lower, kOpening)) return true;
  const Word& next = sentence[at + 1];
  const bool noun = next.Is(text::kNoun) && !next.Is(text::kClosed) && !next.token.capitalised &&
                    !text::Lexicon::English().IsPlural(next.lower);
  const Word& after = sentence[at + 2];
  return !(noun && (after.IsPunct() || after.Is(text::kClosed) || IsPostmodifier(sentence, at + 2)));
}

}  // namespace

bool IsPostmodifier(const Sentence& sentence, size_t at) {
  if (sentence.At(at, "found")) return true;
  if (PastBase(sentence, at).empty()) return false;
  const Word& next = sentence[at + 1];
  return next.Is(text::kPreposition | text::kAdverb) || next.text == ".";
}

size_t HeadNoun(const Sentence& sentence, size_t at) {
  size_t head = 0;
  const size_t stop = sentence.Stop();
  for (; at < stop; ++at) {
    const Word& word = sentence[at];
    const Word& before = sentence[at - 1];
    if (word.text == "," || word.lower == "and") {
      // Adjectives joined by commas; a noun before the mark ends the phrase.
      const bool noun = head == at - 1 && head != 0 && !before.Is(text::kAdjective);
      // "a symbolic mathematics and graphics program", but "a physicist and chemist".
      if (noun && (word.text == "," || before.Is(text::kPersonNoun) || !sentence[at + 1].Is(text::kNoun))) break;
      head = 0;
      continue;
    }
    if (word.IsPunct() || word.Is(text::kClosed)) break;
    if (head != 0 && (IsPostmodifier(sentence, at) || IsOpeningGerund(sentence, at))) break;
    if (IsOpeningGerund(sentence, at) && before.token.capitalised && !before.Is(text::kClosed)) return 0;
    if (word.token.capitalised || word.IsNumber()) {
      head = 0;
    } else if (word.Is(text::kNoun) || (word.classes == 0 && word.lower.find('-') == std::string::npos)) {
      head = at;
    } else {
      head = 0;
    }
  }
  return head;
}

Kind KindAt(const Sentence& sentence, size_t at) {
  Kind kind;
  const size_t head = HeadNoun(sentence, at);
  if (head == 0) return kind;
  kind.person = sentence[head].Is(text::kPersonNoun);
  if (IsRole(sentence[head].lower) || text::Lexicon::English().IsPlural(sentence[head].lower)) return kind;
  kind.noun = sentence[head].lower;
  if (sentence.At(head + 1, "of")) return kind;
  const Word& before = sentence[head - 1];
  const bool compound = head > at && !before.token.capitalised && !before.Is(text::kTimeNoun | text::kClosed) &&
                        ((before.Is(text::kNoun) && !before.Is(text::kAdjective)) || IsNamingGerund(before.lower)) &&
                        !sentence.At(head - 2, "and");
  kind.name = sentence.Text(compound ? head - 1 : head, head + 1);
  return kind;
}

}  // namespace quern::generator

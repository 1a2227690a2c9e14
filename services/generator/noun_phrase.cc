#include "services/generator/noun_phrase.h"

#include <algorithm>
#include <iterator>

#include "services/generator/event_verbs.h"
#include "services/generator/superlative.h"
#include "services/generator/word_list.h"

namespace quern::generator {
namespace {

bool IsNameWord(const Word& word) {
  if (word.token.kind != text::TokenKind::kWord || !word.token.capitalised) return false;
  return !word.Is(text::kPronoun) && word.lower != "i";
}

// "Ninth Symphony": many have one.
bool IsNumberedWork(const Sentence& sentence, size_t begin, size_t end) {
  return end - begin == 2 && IsOrdinal(sentence[begin].lower);
}

bool IsParticle(const Word& word) {
  static constexpr std::string_view kParticles[] = {"of",  "de",  "la",  "le",  "du",  "da",  "di", "del",
                                                    "der", "den", "des", "von", "van", "ibn", "al", "bin",
                                                    "y",   "dos", "las", "los", "ter", "zu",  "for"};
  return std::find(std::begin(kParticles), std::end(kParticles), word.lower) != std::end(kParticles);
}

bool IsSmallNumber(const Word& word) {
  return word.IsNumber() && word.text.size() <= 4 &&
         word.text.find_first_not_of("0123456789.") == std::string_view::npos;
}

// Words that begin a sentence with a capital and are no part of a name.
bool IsOpener(const Word& word) {
  if (word.Is(text::kClosed)) return true;
  if (word.Is(text::kAdverb) && !word.Is(text::kNoun)) return true;
  return text::Lexicon::English().Verb(word.lower).second == text::VerbForm::kGerund;
}

bool IsCommon(const Word& word) {
  return word.Is(text::kNoun | text::kVerb | text::kAdjective | text::kAdverb | text::kClosed | text::kNumberWord);
}

size_t SkipArticle(const Sentence& sentence, size_t at) { return sentence.At(at, "the") ? at + 1 : at; }

// True when the single word at `at` names one thing to every reader: a country or well-known place, or a coined word.
bool IsUniqueWord(const Word& word) {
  if (word.Is(text::kCountryName)) return true;
  if (word.Is(text::kPlaceName) && !word.Is(text::kPersonName)) return word.text.size() > 3;
  bool inner_capital = false;
  bool digit = false;
  for (size_t i = 1; i < word.text.size(); ++i) {
    inner_capital |= word.text[i] >= 'A' && word.text[i] <= 'Z' && word.text[i - 1] >= 'a' && word.text[i - 1] <= 'z';
    digit |= word.text[i] >= '0' && word.text[i] <= '9';
  }
  return word.text.size() >= 4 && (inner_capital || digit || (word.token.all_caps && word.text.size() >= 5));
}

// "Version 2.4", "Part II": parts of something that is not named.
bool IsNumberedPart(const Word& word) {
  static constexpr std::string_view kParts[] = {
      "version", "release",  "part",   "phase",  "level",  "step",    "type",  "class", "article", "book",
      "volume",  "edition",  "model",  "series", "act",    "mark",    "stage", "group", "day",     "unit",
      "line",    "platform", "number", "rule",   "season", "episode", "round", "week",  "year"};
  return std::find(std::begin(kParts), std::end(kParts), word.lower) != std::end(kParts);
}

// "the capital of France": lower-case nouns, "of", a name. One past its end, or `at`.
size_t RelationEnd(const Sentence& sentence, size_t at, const Topic& topic) {
  if (!sentence.At(at, "the")) return at;
  size_t noun = at + 1;
  while (noun < sentence.size() && noun < at + 5 && !sentence[noun].token.capitalised && !sentence[noun].IsPunct() &&
         sentence[noun].Is(text::kNoun | text::kAdjective) && !sentence[noun].Is(text::kClosed)) {
    ++noun;
  }
  if (noun == at + 1 || !sentence[noun - 1].Is(text::kNoun)) return at;
  if (!sentence.At(noun, "of") && !sentence.At(noun, "in") && !sentence.At(noun, "for")) return at;
  const std::optional<NounPhrase> whole = ParseNamed(sentence, noun + 1, topic);
  return whole ? whole->end : at;
}

// "1999-03-05".
bool IsIsoDate(const Word& word) {
  if (!word.IsNumber() || word.text.size() != 10 || word.text[4] != '-' || word.text[7] != '-') return false;
  const bool plausible = word.text[0] == '1' || word.text.substr(0, 2) == "20";
  return plausible && std::count(word.text.begin(), word.text.end(), '-') == 2 &&
         word.text.find_first_not_of("0123456789-") == std::string_view::npos;
}

// "Its molecular structure was": the molecular structure of the topic. Persons' relatives are left out.
std::optional<NounPhrase> ParsePartOfTopic(const Sentence& sentence, size_t at, const Topic& topic) {
  if (!IsPossessiveOf(topic, sentence, at)) return std::nullopt;
  size_t end = at + 1;
  while (end < at + 5 && sentence[end].Is(text::kNoun | text::kAdjective) && !sentence[end].Is(text::kClosed) &&
         !sentence[end].token.capitalised) {
    ++end;
  }
  const Word& head = sentence[end - 1];
  if (end == at + 1 || !head.Is(text::kNoun) || head.Is(text::kPersonNoun)) return std::nullopt;
  if (!sentence[end].Is(text::kAuxiliary) || text::Lexicon::English().IsPlural(head.lower)) return std::nullopt;
  NounPhrase phrase;
  phrase.end = end;
  phrase.text = "the " + sentence.Text(at + 1, end) + " of " + TopicText(topic);
  return phrase;
}

NounPhrase Named(const Sentence& sentence, size_t at, size_t end) {
  NounPhrase phrase;
  phrase.end = end;
  phrase.text = sentence.Text(at, end);
  if (sentence.At(at, "the")) phrase.text[0] = 't';
  phrase.plural = text::Lexicon::English().IsPlural(sentence[end - 1].lower) && sentence.At(at, "the");
  return phrase;
}

}  // namespace

size_t NameEnd(const Sentence& sentence, size_t at) {
  const size_t begin = SkipArticle(sentence, at);
  if (begin > at && !sentence[at].token.capitalised && at == 0) return at;
  if (!IsNameWord(sentence[begin])) return at;
  if (begin == 0 && IsOpener(sentence[0])) return at;
  size_t end = begin + 1;
  while (end < sentence.size()) {
    if ((IsNameWord(sentence[end]) || sentence.IsRegnalI(end)) && sentence[end].token.space_before) {
      ++end;
    } else if (IsSmallNumber(sentence[end]) && sentence[end].token.space_before && YearEnd(sentence, end) == end) {
      ++end;
    } else if (IsParticle(sentence[end]) && IsNameWord(sentence[end + 1])) {
      end += 2;
    } else if (IsParticle(sentence[end]) && sentence.At(end + 1, "the") && IsNameWord(sentence[end + 2])) {
      end += 3;
    } else {
      break;
    }
  }
  // One capitalised common word at the beginning of a sentence is no name.
  if (begin == 0 && end == 1 && IsCommon(sentence[0]) && !sentence[0].Is(text::kPlaceName | text::kPersonName))
    return at;
  return end;
}

std::optional<NounPhrase> ParseNamed(const Sentence& sentence, size_t at, const Topic& topic) {
  if (const size_t end = StandInEnd(topic, sentence, at); end > at) {
    NounPhrase phrase;
    phrase.end = end;
    phrase.text = TopicText(topic);
    phrase.topic = true;
    return phrase;
  }
  if (std::optional<NounPhrase> part = ParsePartOfTopic(sentence, at, topic)) return part;
  const size_t begin = SkipArticle(sentence, at);
  if (const size_t end = TopicEnd(topic, sentence, begin); end > begin) {
    // The topic's name inside a longer one is not the topic.
    const bool longer = NameEnd(sentence, begin) > end ||
                        (!topic.proper && sentence[end].Is(text::kNoun) && !sentence[end].Is(text::kVerb));
    if (!longer) {
      NounPhrase phrase = Named(sentence, at, end);
      phrase.topic = true;
      phrase.plural = text::Lexicon::English().IsPlural(topic.words.back()) && !topic.proper;
      const std::string named = TopicText(topic);
      phrase.text = named != topic.name || begin == at ? named : "the " + topic.name;
      return phrase;
    }
  }
  const size_t end = NameEnd(sentence, at);
  if (end == at) {
    const size_t relation = RelationEnd(sentence, at, topic);
    if (relation == at) return std::nullopt;
    NounPhrase phrase = Named(sentence, at, relation);
    return phrase;
  }
  const size_t words = end - begin;
  if (words <= 2 && sentence[end - 1].IsNumber() && IsNumberedPart(sentence[begin])) return std::nullopt;
  if (words == 1 && !IsUniqueWord(sentence[begin])) return std::nullopt;
  if (IsNumberedWork(sentence, begin, end)) return std::nullopt;
  return Named(sentence, at, end);
}

size_t StandInEnd(const Topic& topic, const Sentence& sentence, size_t at) {
  if (topic.words.empty()) return at;
  if (sentence.follows_topic() &&
      (topic.person ? sentence.At(at, "he") || sentence.At(at, "she") : sentence.At(at, "it"))) {
    return at + 1;
  }
  if (!sentence.near_topic() || !sentence.At(at, "the")) return at;
  if (std::find(topic.nouns.begin(), topic.nouns.end(), sentence[at + 1].lower) == topic.nouns.end()) return at;
  // "the tower was", not "the tower of" nor "the tower block".
  const Word& next = sentence[at + 2];
  static constexpr std::string_view kVerbs[] = {"contains", "consists", "comprises", "covers", "lies", "officially",
                                                "first",    "weighs",   "stands",    "opened", "began"};
  const bool verb = next.Is(text::kAuxiliary) || !PastBase(sentence, at + 2).empty() ||
                    std::find(std::begin(kVerbs), std::end(kVerbs), next.lower) != std::end(kVerbs);
  return verb ? at + 2 : at;
}

bool IsPossessiveOf(const Topic& topic, const Sentence& sentence, size_t at) {
  if (topic.words.empty() || !sentence.follows_topic() ||
      !(sentence[at + 1].Is(text::kNoun | text::kAdjective) || IsSuperlative(sentence, at + 1))) {
    return false;
  }
  return topic.person ? sentence.At(at, "his") || sentence.At(at, "her") : sentence.At(at, "its");
}

size_t YearEnd(const Sentence& sentence, size_t at) {
  const Word& word = sentence[at];
  if (!word.IsNumber() || word.text.size() != 4) return at;
  if (word.text.find_first_not_of("0123456789") != std::string_view::npos) return at;
  const bool plausible = word.text[0] == '1' || word.text.substr(0, 2) == "20";
  return plausible ? at + 1 : at;
}

size_t DateEnd(const Sentence& sentence, size_t at) {
  const auto is_day = [&](size_t i) {
    return sentence[i].IsNumber() && sentence[i].text.size() <= 2 &&
           sentence[i].text.find_first_not_of("0123456789") == std::string_view::npos;
  };
  if (IsIsoDate(sentence[at])) return at + 1;
  const auto year_after = [&](size_t i) { return YearEnd(sentence, i) > i; };
  if (is_day(at) && sentence[at + 1].Is(text::kMonth) && year_after(at + 2)) return at + 3;
  if (!sentence[at].Is(text::kMonth)) return at;
  if (is_day(at + 1) && year_after(at + 2)) return at + 3;
  if (is_day(at + 1) && sentence[at + 2].text == "," && year_after(at + 3)) return at + 4;
  return year_after(at + 1) ? at + 2 : at;
}

}  // namespace quern::generator

#include <algorithm>
#include <iterator>

#include "services/generator/noun_phrase.h"
#include "services/generator/rules.h"
#include "services/generator/word_list.h"

namespace quern::generator {
namespace {

// One past the country that begins at `at`, or `at`. Names that are also states or persons (Georgia, Jordan) are left
// out.
size_t CountryEnd(const Sentence& sentence, size_t at) {
  static constexpr std::string_view kLong[] = {"united states",        "united kingdom",     "new zealand",
                                               "south africa",         "south korea",        "north korea",
                                               "saudi arabia",         "sri lanka",          "costa rica",
                                               "czech republic",       "dominican republic", "papua new guinea",
                                               "united arab emirates", "el salvador"};
  static constexpr std::string_view kUnclear[] = {"Georgia", "Jordan",  "Chad",  "America", "Guinea",
                                                  "Congo",   "Ireland", "Korea", "Holland"};
  if (!sentence[at].token.capitalised) return at;
  for (const std::string_view country : kLong) {
    if (sentence.Phrase(at, country))
      return at + 1 + static_cast<size_t>(std::count(country.begin(), country.end(), ' '));
  }
  static constexpr std::string_view kParts[] = {"England", "Scotland", "Wales"};
  const bool single =
      (sentence[at].Is(text::kCountryName) || OneOf(sentence[at].text, kParts)) && !OneOf(sentence[at].text, kUnclear);
  return single && !sentence[at + 1].token.capitalised ? at + 1 : at;
}

// "Varnhem is a town in Skara, Sweden.": the country ends the sentence and every name before it is part of the place.
void AskCountry(const Topic& topic, const Sentence& sentence, std::vector<Candidate>& out) {
  const std::optional<NounPhrase> subject = ParseNamed(sentence, 0, topic);
  if (!subject || !sentence.At(subject->end, "is")) return;
  size_t at = subject->end + 1;
  if (!sentence.At(at, "a") && !sentence.At(at, "an")) return;
  static constexpr std::string_view kPlaces[] = {
      "city",     "town",      "village", "municipality", "commune",   "river",      "mountain", "lake",
      "island",   "bridge",    "castle",  "church",       "cathedral", "university", "museum",   "district",
      "province", "airport",   "stadium", "suburb",       "hamlet",    "parish",     "volcano",  "waterfall",
      "abbey",    "monastery", "palace",  "lighthouse",   "borough",   "settlement", "canal"};
  size_t head = at + 1;
  while (head < at + 6 && !OneOf(sentence[head].lower, kPlaces)) {
    if (sentence[head].Is(text::kClosed) || sentence[head].IsPunct() || sentence[head].token.capitalised) return;
    ++head;
  }
  if (head == at + 6 || !sentence.At(head + 1, "in")) return;
  const size_t stop = sentence.Stop();
  for (at = head + 2; at < stop; ++at) {
    const size_t end = CountryEnd(sentence, at);
    if (end > at) {
      if (end != stop) return;
      out.push_back(MakeCandidate(sentence, at, end, v1::ANSWER_TYPE_NAME,
                                  "In which country is " + subject->text + " located?", "country", 0.8));
      return;
    }
    const Word& word = sentence[at];
    const bool part = word.token.capitalised || word.text == "," ||
                      word.Is(text::kPreposition | text::kNoun | text::kAdjective) || word.lower == "the";
    if (!part || word.lower == "near" || word.lower == "between" || word.lower == "from") return;
  }
}

// "Karl Marx was a German philosopher."
void AskNationality(const Sentence& sentence, std::vector<Candidate>& out) {
  static constexpr std::string_view kNationalities[] = {
      "American",   "British",    "English",    "Scottish",  "Welsh",     "Irish",     "French",    "German",
      "Italian",    "Spanish",    "Portuguese", "Dutch",     "Belgian",   "Swiss",     "Austrian",  "Polish",
      "Czech",      "Slovak",     "Hungarian",  "Romanian",  "Bulgarian", "Greek",     "Turkish",   "Russian",
      "Ukrainian",  "Finnish",    "Swedish",    "Norwegian", "Danish",    "Icelandic", "Estonian",  "Latvian",
      "Lithuanian", "Canadian",   "Mexican",    "Brazilian", "Argentine", "Chilean",   "Peruvian",  "Colombian",
      "Cuban",      "Australian", "Chinese",    "Japanese",  "Korean",    "Indian",    "Pakistani", "Iranian",
      "Israeli",    "Egyptian",   "Nigerian",   "Kenyan",    "Serbian",   "Croatian",  "Slovenian"};
  const size_t name_end = NameEnd(sentence, 0);
  if (name_end < 2 || sentence.At(0, "the")) return;
  size_t at = name_end;
  if (sentence[at].text == "(") {
    while (at < sentence.size() && sentence[at].text != ")") ++at;
    ++at;
  }
  const bool was = sentence.At(at, "was");
  if (!was && !sentence.At(at, "is")) return;
  if (!sentence.At(at + 1, "a") && !sentence.At(at + 1, "an")) return;
  if (!OneOf(sentence[at + 2].text, kNationalities)) return;
  size_t noun = at + 3;
  while (noun < at + 6 && !sentence[noun].Is(text::kClosed) && !sentence[noun].IsPunct() &&
         !sentence[noun].token.capitalised && !sentence[noun].Is(text::kPersonNoun)) {
    ++noun;
  }
  if (!sentence[noun].Is(text::kPersonNoun) || sentence[noun].token.capitalised || sentence[noun].Is(text::kClosed))
    return;
  out.push_back(MakeCandidate(sentence, at + 2, at + 3, v1::ANSWER_TYPE_NAME,
                              std::string("What ") + (was ? "was" : "is") + " the nationality of the " +
                                  sentence.Text(at + 3, noun + 1) + " " + sentence.Text(0, name_end) + "?",
                              "nationality", 0.76));
}

}  // namespace

void AskCountries(const Topic& topic, const Sentence& sentence, std::vector<Candidate>& out) {
  AskCountry(topic, sentence, out);
  AskNationality(sentence, out);
}

}  // namespace quern::generator

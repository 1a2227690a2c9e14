#include "common/text/lexicon.h"

#include <vector>

#include "common/text/data/lexicon_data.h"

namespace quern::text {
namespace {

struct ClosedClass {
  uint32_t classes;
  std::string_view words;
};

// English's closed classes, complete but for archaic words.
constexpr ClosedClass kClosedClasses[] = {
    {kDeterminer,
     "a an the each every either neither both all any some another much many more most few fewer less several "
     "enough half no what whatever which whichever"},
    {kDeterminer | kDemonstrative, "this that these those such"},
    {kDemonstrative | kAdverb, "here there"},
    {kPronoun,
     "he she it they him her them his hers its their theirs himself herself itself themselves one ones oneself "
     "someone somebody something anyone anybody anything everyone everybody everything nobody nothing none other "
     "others latter former whose this that these those"},
    {kPronoun | kFirstSecond, "i me my mine myself we us our ours ourselves you your yours yourself yourselves"},
    {kPreposition,
     "of in on at by for from to with without within into onto upon over under above below between among amongst "
     "through throughout during before after since until till against about around across along behind beyond "
     "near beside besides despite except inside outside off per via toward towards up down out like unlike than "
     "as amid beneath underneath past round versus"},
    {kConjunction, "and or but nor because although though while whereas if unless whether lest so yet"},
    {kAuxiliary, "be is am are was were been being has have had having do does did"},
    {kModal, "can could may might must shall should will would cannot ought"},
    {kRelative, "who whom whose which that where when why how what"},
    {kNegation, "not no never nor neither none nobody nothing without cannot hardly scarcely barely"},
    {kNumberWord,
     "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
     "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion"},
    {kMonth, "January February March April May June July August September October November December"},
};

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return parts;
}

uint32_t BitOf(char letter) {
  switch (letter) {
    case 'n':
      return kNoun;
    case 'v':
      return kVerb;
    case 'a':
      return kAdjective;
    case 'r':
      return kAdverb;
    case 'p':
      return kPersonNoun;
    case 'g':
      return kGroupNoun;
    case 't':
      return kTimeNoun;
    case 'l':
      return kPlaceNoun;
    case 'u':
      return kUnitNoun;
    case 'P':
      return kPersonName;
    case 'L':
      return kPlaceName;
    case 'C':
      return kCountryName;
    default:
      return 0;
  }
}

bool EndsWith(std::string_view word, std::string_view ending) {
  return word.size() > ending.size() && word.substr(word.size() - ending.size()) == ending;
}

}  // namespace

const Lexicon& Lexicon::English() {
  static const Lexicon lexicon;
  return lexicon;
}

Lexicon::Lexicon() {
  for (const std::string_view line : Split(data::kLexicon, '\n')) {
    const size_t tab = line.find('\t');
    if (tab == std::string_view::npos) continue;
    const std::string_view key = line.substr(0, tab);
    const std::vector<std::string_view> words = Split(line.substr(tab + 1), ' ');
    if (key == "irregular") {
      for (const std::string_view pair : words) {
        const size_t equals = pair.find('=');
        irregular_.emplace(pair.substr(0, equals), pair.substr(equals + 1));
      }
      continue;
    }
    uint32_t classes = 0;
    for (const char letter : key) classes |= BitOf(letter);
    for (const std::string_view word : words) classes_[word] |= classes;
  }
  for (const ClosedClass& closed : kClosedClasses) {
    for (const std::string_view word : Split(closed.words, ' ')) classes_[word] |= closed.classes;
  }
}

uint32_t Lexicon::Find(std::string_view word) const {
  const auto found = classes_.find(word);
  return found == classes_.end() ? 0 : found->second;
}

uint32_t Lexicon::Classes(std::string_view word) const {
  uint32_t classes = Find(word);
  if ((classes & kClosed) != 0) return classes;
  if (irregular_.contains(word)) classes |= kVerb;
  const bool plural = EndsWith(word, "s") && !EndsWith(word, "ss");
  if (plural || EndsWith(word, "ed") || EndsWith(word, "ing")) {
    if (Verb(word).second != VerbForm::kNone) classes |= kVerb;
  }
  if (plural) {
    uint32_t noun = Find(word.substr(0, word.size() - 1));
    if ((noun & kNoun) == 0 && EndsWith(word, "ies")) noun = Find(std::string(word.substr(0, word.size() - 3)) + "y");
    if ((noun & kNoun) == 0 && EndsWith(word, "es")) noun = Find(word.substr(0, word.size() - 2));
    classes |= noun & (kNoun | kPersonNoun | kGroupNoun | kTimeNoun | kPlaceNoun | kUnitNoun);
  }
  if (EndsWith(word, "men") && (Find(std::string(word.substr(0, word.size() - 2)) + "an") & kNoun) != 0) {
    classes |= kNoun | kPersonNoun;
  }
  return classes;
}

// The verb that is left when `ending` bytes are taken off `form`: with a silent e, as it stands, or with a doubled
// consonant undone.
std::string Lexicon::StripEnding(std::string_view form, size_t ending) const {
  const std::string stem(form.substr(0, form.size() - ending));
  if (IsVerbBase(stem + "e")) return stem + "e";
  if (IsVerbBase(stem)) return stem;
  if (stem.size() > 2 && stem[stem.size() - 1] == stem[stem.size() - 2]) {
    const std::string single = stem.substr(0, stem.size() - 1);
    if (IsVerbBase(single)) return single;
  }
  if (!stem.empty() && stem.back() == 'i' && IsVerbBase(stem.substr(0, stem.size() - 1) + "y")) {
    return stem.substr(0, stem.size() - 1) + "y";
  }
  const size_t hyphen = stem.find('-');
  return hyphen != std::string::npos && hyphen + 1 < stem.size() &&
                 !StripEnding(std::string_view(form).substr(hyphen + 1), ending).empty()
             ? stem.substr(0, hyphen + 1) + StripEnding(std::string_view(form).substr(hyphen + 1), ending)
             : std::string();
}

std::pair<std::string, VerbForm> Lexicon::Verb(std::string_view form) const {
  if (form.size() < 2 || form.size() > 32) return {"", VerbForm::kNone};
  if (const auto found = irregular_.find(form); found != irregular_.end() && !IsVerbBase(form)) {
    return {std::string(found->second), EndsWith(form, "ing") ? VerbForm::kGerund : VerbForm::kPast};
  }
  if (IsVerbBase(form)) return {std::string(form), VerbForm::kBase};
  const struct {
    std::string_view ending;
    VerbForm form;
  } kEndings[] = {
      {"ed", VerbForm::kPast}, {"ing", VerbForm::kGerund}, {"es", VerbForm::kThird}, {"s", VerbForm::kThird}};
  for (const auto& [ending, kind] : kEndings) {
    if (!EndsWith(form, ending)) continue;
    std::string base = StripEnding(form, ending.size());
    if (!base.empty()) return {std::move(base), kind};
  }
  return {"", VerbForm::kNone};
}

bool Lexicon::IsPlural(std::string_view word) const {
  if (!EndsWith(word, "s") || EndsWith(word, "ss") || EndsWith(word, "us") || EndsWith(word, "is")) {
    return EndsWith(word, "men") || word == "people" || word == "children";
  }
  if (EndsWith(word, "ics") || word == "series" || word == "species" || word == "news" || word == "gas" ||
      word == "lens")
    return false;
  const std::string_view single = word.substr(0, word.size() - 1);
  return (Find(single) & kNoun) != 0 ||
         (EndsWith(word, "ies") && (Find(std::string(word.substr(0, word.size() - 3)) + "y") & kNoun) != 0) ||
         (EndsWith(word, "es") && (Find(word.substr(0, word.size() - 2)) & kNoun) != 0);
}

}  // namespace quern::text

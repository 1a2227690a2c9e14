#include "services/generator/agent.h"

#include "services/generator/event_verbs.h"
#include "services/generator/noun_phrase.h"
#include "services/generator/topic_kind.h"
#include "services/generator/word_list.h"

namespace quern::generator {
namespace {

constexpr int kMaxAgents = 4;

// Well-known organisations and persons of one word; coined and all-capital words need no list.
bool IsKnownSingleName(std::string_view word) {
  static constexpr std::string_view kNames[] = {
      "Sony",       "Intel",       "Apple",        "Microsoft",      "Motorola",   "Novell",
      "Netscape",   "Borland",     "Adobe",        "Xerox",          "Philips",    "Siemens",
      "Toshiba",    "Hitachi",     "Fujitsu",      "Canon",          "Olivetti",   "Honeywell",
      "Burroughs",  "Cray",        "Ericsson",     "Nokia",          "Samsung",    "Google",
      "Amazon",     "Facebook",    "Oracle",       "Sybase",         "Symantec",   "Lotus",
      "Commodore",  "Atari",       "Nintendo",     "Sega",           "Zilog",      "Cisco",
      "Compaq",     "Dell",        "Lucent",       "Nortel",         "Boeing",     "Airbus",
      "Lockheed",   "Toyota",      "Honda",        "Ford",           "Volkswagen", "Renault",
      "Kodak",      "Polaroid",    "Disney",       "Pixar",          "Psion",      "Acorn",
      "Sun",        "Inmos",       "Aristotle",    "Plato",          "Socrates",   "Euclid",
      "Archimedes", "Ptolemy",     "Herodotus",    "Homer",          "Virgil",     "Ovid",
      "Cicero",     "Seneca",      "Michelangelo", "Raphael",        "Donatello",  "Titian",
      "Caravaggio", "Rembrandt",   "Voltaire",     "Moli\xC3\xA8re", "Stendhal",   "Napoleon",
      "Confucius",  "Hippocrates", "Galen",        "Avicenna",       "Averroes",   "Pythagoras",
      "Sophocles",  "Euripides",   "Aeschylus",    "Aristophanes",   "Congress",   "Parliament",
      "NATO",       "Britain",     "France",       "Germany",        "Spain",      "Russia",
      "Japan",      "China",       "Italy",        "Portugal",       "Sweden",     "Denmark",
      "Norway",     "Mozilla"};
  return OneOf(word, kNames);
}

// "and sold by", "and moved to", "and was": a new clause; "and respected scholar" goes on with agents.
bool OpensClause(const Sentence& sentence, size_t at) {
  if (sentence[at].Is(text::kAuxiliary)) return true;
  const Word& next = sentence[at + 1];
  return !PastBase(sentence, at).empty() && (next.Is(text::kClosed) || next.IsPunct() || next.IsNumber());
}

// What may follow an agent without changing it.
bool EndsAgent(const Sentence& sentence, size_t at) {
  if (at >= sentence.Stop()) return true;
  if (sentence[at].IsAddress()) return sentence[at + 1].text != "," && !sentence.At(at + 1, "and");
  static constexpr std::string_view kAfter[] = {
      "in",    "on",    "at",    "as",   "to",    "during", "after", "for",  "before",  "from", "while", "when",
      "until", "under", "using", "with", "since", "who",    "which", "that", "because", "and",  ")",     "through"};
  if (sentence.At(at, "and")) return OpensClause(sentence, at + 1);
  if (OneOf(sentence[at].lower, kAfter) || IsPostmodifier(sentence, at)) return true;
  if (sentence[at].text != ",") return false;
  const Word& next = sentence[at + 1];
  static constexpr std::string_view kAfterComma[] = {
      "who",    "which", "where", "when",   "while",    "although", "but", "a",      "an",    "the", "in",   "after",
      "during", "as",    "with",  "making", "becoming", "at",       "on",  "before", "based", "for", "from", "using"};
  if (next.token.capitalised) return false;
  if (sentence.At(at + 1, "and")) return OpensClause(sentence, at + 2);
  return OneOf(next.lower, kAfterComma) || !PastBase(sentence, at + 1).empty();
}

}  // namespace

bool IsFullName(const Sentence& sentence, size_t from, size_t to) {
  const bool article = sentence.At(from, "the");
  if (article) ++from;
  if (from >= to) return false;
  const Word& last = sentence[to - 1];
  static constexpr std::string_view kTitles[] = {"prof", "dr", "st", "mr", "mrs", "sir", "professor", "lord", "king"};
  // "Python 3.2" is a version, nobody.
  if (last.IsNumber() || last.text.size() < 2 || OneOf(last.lower, kTitles) ||
      last.lower.find("'s") != std::string::npos)
    return false;
  if (last.lower.size() > 4 && last.lower.substr(last.lower.size() - 4) == "\xE2\x80\x99s") return false;
  if (to - from >= 2) return to - from > 2 || !OneOf(sentence[from].lower, kTitles) || sentence.At(from, "king");
  if (article || last.token.all_caps || IsKnownSingleName(last.text)) return true;
  for (size_t i = 1; i < last.text.size(); ++i) {
    const char c = last.text[i];
    if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z' && last.text[i - 1] >= 'a')) return true;
  }
  return false;
}

size_t SkipRole(const Sentence& sentence, size_t at) {
  size_t role = at + (sentence.At(at, "the") ? 1 : 0);
  const size_t begin = role;
  const auto joins = [&](size_t word) { return sentence.At(word, "and") && sentence[word - 1].Is(text::kPersonNoun); };
  while (role < begin + 6 && !sentence[role].IsPunct() && (!sentence[role].Is(text::kClosed) || joins(role))) {
    const bool person = sentence[role].Is(text::kPersonNoun) && !sentence[role].token.capitalised;
    const size_t name = role + 1;
    if (person && sentence[name].token.capitalised) return NameEnd(sentence, name) > name + 1 ? name : at;
    // A nationality is the only capital that a role holds.
    if (sentence[role].token.capitalised && !sentence[role].Is(text::kAdjective)) return at;
    ++role;
  }
  return at;
}

size_t AgentEnd(const Sentence& sentence, size_t at) {
  size_t end = NameEnd(sentence, at);
  if (end == at || !IsFullName(sentence, at, end)) return at;
  for (int agents = 1; agents < kMaxAgents; ++agents) {
    const bool comma = sentence[end].text == ",";
    const size_t conjunction = comma ? end + 1 : end;
    const bool last = sentence.At(conjunction, "and");
    const size_t next = last ? conjunction + 1 : conjunction;
    if (!comma && !last) break;
    const size_t next_end = NameEnd(sentence, next);
    if (next_end == next || sentence.At(next, "the") || !IsFullName(sentence, next, next_end)) break;
    end = next_end;
    if (last) break;
    // A comma that no "and" closes joins a place or a title, not a second agent.
    const bool goes_on = sentence[end].text == "," || sentence.At(end, "and");
    if (!goes_on) return at;
  }
  return EndsAgent(sentence, end) ? end : at;
}

}  // namespace quern::generator

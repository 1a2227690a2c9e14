#include "services/generator/noun_phrase.h"
#include "services/generator/word_list.h"

namespace quern::generator {
namespace {

// Heads of names that English writes with "the": the Border Gateway Protocol.
bool IsArticleHead(std::string_view word) {
  static constexpr std::string_view kHeads[] = {
      "center",     "centre",       "committee",  "organization",  "organisation", "institute",  "association",
      "society",    "protocol",     "standard",   "group",         "project",      "language",   "system",
      "service",    "architecture", "interface",  "computer",      "network",      "agency",     "foundation",
      "consortium", "union",        "force",      "board",         "bridge",       "tower",      "war",
      "treaty",     "act",          "museum",     "laboratory",    "format",       "algorithm",  "machine",
      "model",      "environment",  "framework",  "specification", "controller",   "processor",  "program",
      "kit",        "method",       "conference", "council",       "commission",   "department", "ministry",
      "party",      "empire",       "republic",   "dynasty",       "river",        "sea",        "ocean",
      "revolution", "theorem",      "equation",   "effect",        "prize",        "award",      "cup",
      "league",     "platform",     "classes",    "bus",           "canal",        "desert",     "kingdom",
      "alliance",   "company"};
  return OneOf(word, kHeads);
}

// "the University of Twente", "the Battle of Hastings": heads before "of".
bool IsArticleHeadOf(std::string_view word) {
  static constexpr std::string_view kHeads[] = {"university", "battle",  "bank",        "institute",  "treaty",
                                                "kingdom",    "house",   "society",     "department", "ministry",
                                                "republic",   "siege",   "declaration", "peace",      "order",
                                                "council",    "academy", "museum",      "bay",        "gulf"};
  return OneOf(word, kHeads);
}

bool HasPossessive(const Topic& topic) {
  for (const std::string& word : topic.words) {
    if (word.size() > 2 && (word.substr(word.size() - 2) == "'s" || word.substr(word.size() - 2) == "s'")) return true;
    if (word.size() > 4 && word.substr(word.size() - 4) == "\xE2\x80\x99s") return true;
  }
  return false;
}

bool TakesArticle(const Topic& topic) {
  if (topic.words.empty() || topic.words.front() == "the" || topic.words.front() == "a" || topic.person ||
      HasPossessive(topic))
    return false;
  if (topic.article != Article::kUnknown) return topic.article == Article::kThe;
  if (!topic.proper || topic.words.size() < 2) return false;
  return IsArticleHead(topic.words.back()) || (topic.words[1] == "of" && IsArticleHeadOf(topic.words.front()));
}

// True when the name reads better behind what it names: one word that is no well-known place, or words that end in a
// common noun, which would need an article that the document does not tell.
bool WantsKind(const Topic& topic) {
  if (topic.kind.empty() || topic.person) return false;
  for (const std::string& word : topic.words) {
    if (topic.kind.find(word) != std::string::npos) return false;
  }
  const text::Lexicon& lexicon = text::Lexicon::English();
  if (topic.words.size() == 1) {
    const uint32_t place = text::kPlaceName | text::kCountryName;
    return topic.proper ? (lexicon.Classes(topic.name) & place) == 0 : topic.article == Article::kUnknown;
  }
  return topic.article == Article::kUnknown && (lexicon.Classes(topic.words.back()) & text::kNoun) != 0;
}

// "OTCA metapixel", "Jacquard machine": a proper name that ends in a lower-case word is a kind of thing, which wants an
// article.
bool EndsInKind(const Topic& topic) {
  const size_t space = topic.name.rfind(' ');
  return space != std::string::npos && space + 1 < topic.name.size() && topic.name[space + 1] >= 'a' &&
         topic.name[space + 1] <= 'z';
}

}  // namespace

std::string TopicText(const Topic& topic) {
  if (TakesArticle(topic)) return "the " + topic.name;
  return WantsKind(topic) ? "the " + topic.kind + " " + topic.name : topic.name;
}

bool IsArticleClear(const Topic& topic) {
  return (topic.proper && (!EndsInKind(topic) || TakesArticle(topic))) || topic.article != Article::kUnknown ||
         WantsKind(topic);
}

}  // namespace quern::generator

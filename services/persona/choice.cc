#include "services/persona/choice.h"

#include <algorithm>
#include <cmath>

#include "common/base/hash.h"

namespace quern::persona {
namespace {

// How much a nat of relevance outweighs chance. At 1.5, a persona of whom the document uses three keywords is some 20
// times as likely as one of whom it uses none, and still is not certain.
constexpr double kRelevanceWeight = 1.5;

// How much the document speaks of what the persona cares for: ln(1 + Σ (1 + ln count)) over its keywords.
double Relevance(const CataloguePersona& persona, const WordCounts& words) {
  double sum = 0;
  for (const WordKey keyword : persona.keywords) {
    const auto found = words.find(keyword);
    if (found != words.end()) sum += 1 + std::log(std::max(found->second, 1u));
  }
  return std::log1p(sum);
}

// A number in (0, 1) that the document, the persona and the seed determine.
double Chance(std::string_view document_id, std::string_view persona_id, uint64_t seed) {
  const uint64_t hash = Hash64(persona_id, Hash64(document_id, seed));
  return (static_cast<double>(hash >> 11) + 0.5) * 0x1.0p-53;
}

struct Candidate {
  size_t index;
  double relevance;
  double key;
};

}  // namespace

std::vector<size_t> ChoosePersonas(const std::vector<CataloguePersona>& personas, const WordCounts& words,
                                   std::string_view document_id, uint64_t seed, size_t max_personas) {
  // Gumbel noise on log weights and the largest keys win: sampling without replacement in proportion to the weights
  // (Efraimidis and Spirakis, Information Processing Letters 97(5), 2006, in logarithms).
  std::vector<Candidate> candidates;
  for (size_t i = 0; i < personas.size(); ++i) {
    const double relevance = Relevance(personas[i], words);
    const double noise = -std::log(-std::log(Chance(document_id, personas[i].id, seed)));
    candidates.push_back({i, relevance, kRelevanceWeight * relevance + noise});
  }
  const size_t count = std::min(max_personas, candidates.size());
  std::partial_sort(candidates.begin(), candidates.begin() + count, candidates.end(),
                    [](const Candidate& a, const Candidate& b) { return a.key > b.key; });
  candidates.resize(count);
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.relevance > b.relevance; });
  std::vector<size_t> chosen;
  for (const Candidate& candidate : candidates) chosen.push_back(candidate.index);
  return chosen;
}

}  // namespace quern::persona

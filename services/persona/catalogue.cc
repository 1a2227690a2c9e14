#include "services/persona/catalogue.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_format.h"
#include "common/base/error.h"

namespace quern::persona {
namespace {

absl::Status BadPersona(size_t number, std::string_view why) {
  return MakeError(absl::StatusCode::kDataLoss, "BAD_PERSONAS", absl::StrFormat("personas, line %d: %s", number, why));
}

// Takes what stands before the next `separator` off the front of `rest`; all of it where there is none.
std::string_view TakeUntil(char separator, std::string_view& rest) {
  const size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view taken = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return taken;
}

CataloguePersona FromDefinition(const v1::PersonaDefinition& definition) {
  CataloguePersona persona{definition.id(), definition.description(), {}};
  for (const std::string& keyword : definition.keywords()) {
    for (const WordKey key : KeysOf(keyword)) {
      if (std::find(persona.keywords.begin(), persona.keywords.end(), key) == persona.keywords.end()) {
        persona.keywords.push_back(key);
      }
    }
  }
  return persona;
}

// Adds `persona`, in place of the one with its id where there is one.
void Put(CataloguePersona persona, std::vector<CataloguePersona>& personas) {
  const auto same = std::find_if(personas.begin(), personas.end(), [&](const auto& p) { return p.id == persona.id; });
  if (same == personas.end()) {
    personas.push_back(std::move(persona));
  } else {
    *same = std::move(persona);
  }
}

}  // namespace

absl::StatusOr<Catalogue> Catalogue::FromTsv(std::string_view tsv) {
  Catalogue catalogue;
  for (size_t number = 1; !tsv.empty(); ++number) {
    std::string_view line = TakeUntil('\n', tsv);
    if (line.empty() || line.starts_with('#')) continue;
    const std::optional<size_t> domain = DomainIndex(TakeUntil('\t', line));
    if (!domain) return BadPersona(number, "unknown domain");
    const std::string_view id = TakeUntil('\t', line);
    const std::string_view description = TakeUntil('\t', line);
    if (id.empty() || description.empty()) return BadPersona(number, "an id and a description are required");
    catalogue.personas_[*domain].push_back({std::string(id), std::string(description), KeysOf(line)});
  }
  return catalogue;
}

Catalogue Catalogue::WithJobPersonas(const v1::PersonaSpec& spec) const {
  Catalogue catalogue = *this;
  for (const v1::DomainPersonas& own : spec.catalogue()) {
    std::vector<CataloguePersona>& personas = catalogue.personas_[DomainIndex(own.domain()).value()];
    if (own.replace()) personas.clear();
    for (const v1::PersonaDefinition& definition : own.personas()) Put(FromDefinition(definition), personas);
  }
  return catalogue;
}

}  // namespace quern::persona

#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "quern/v1/persona.pb.h"
#include "services/persona/domains.h"
#include "services/persona/words.h"

namespace quern::persona {

// A reader who may ask about documents of one domain.
struct CataloguePersona {
  std::string id;
  std::string description;
  // Words that draw the persona to a document. May be empty.
  std::vector<WordKey> keywords;
};

// The personas of each domain: Quern's own, as a job's specification extends or replaces them. Immutable once made, so
// thread-safe.
class Catalogue {
 public:
  // Reads personas as data/personas.tsv holds them: domain, id, description, keywords, with tabs between; lines that
  // begin with "#" are comments. Fails with DATA_LOSS, reason BAD_PERSONAS, and the line's number.
  static absl::StatusOr<Catalogue> FromTsv(std::string_view tsv);

  // This catalogue with the job's own personas. The specification is valid (see ValidatePersonaSpec).
  Catalogue WithJobPersonas(const v1::PersonaSpec& spec) const;

  // The personas of kDomains[domain].
  const std::vector<CataloguePersona>& Of(size_t domain) const { return personas_[domain]; }

 private:
  std::array<std::vector<CataloguePersona>, kDomains.size()> personas_;
};

}  // namespace quern::persona

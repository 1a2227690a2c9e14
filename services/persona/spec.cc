#include "services/persona/spec.h"

#include <set>
#include <string>
#include <string_view>

#include "absl/strings/str_format.h"
#include "common/base/error.h"
#include "services/persona/domains.h"
#include "services/persona/words.h"

namespace quern::persona {
namespace {

constexpr uint32_t kMostPersonas = 8;
constexpr int kMostPersonasOfDomain = 1000;
constexpr size_t kMostIdBytes = 64;
constexpr size_t kMostDescriptionBytes = 500;
constexpr int kMostKeywords = 64;

absl::Status Invalid(std::string_view path, std::string_view why) {
  return MakeError(absl::StatusCode::kInvalidArgument, "INVALID_SPEC", absl::StrFormat("%s %s", path, why));
}

absl::Status ValidateDomain(std::string_view path, const std::string& domain) {
  if (DomainIndex(domain)) return absl::OkStatus();
  std::string names;
  for (const std::string_view name : kDomains) names.append(names.empty() ? "" : ", ").append(name);
  return Invalid(path, absl::StrFormat("is \"%s\"; it must be one of: %s", domain, names));
}

bool IsId(std::string_view id) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789_.-";
  return !id.empty() && id.size() <= kMostIdBytes && id.find_first_not_of(kAllowed) == std::string_view::npos;
}

absl::Status ValidatePersona(const std::string& path, const v1::PersonaDefinition& persona) {
  if (!IsId(persona.id())) {
    return Invalid(path + ".id", absl::StrFormat("must be 1 to %d of [a-z0-9_.-]", kMostIdBytes));
  }
  if (persona.description().empty() || persona.description().size() > kMostDescriptionBytes) {
    return Invalid(path + ".description", absl::StrFormat("must be 1 to %d bytes", kMostDescriptionBytes));
  }
  if (persona.keywords_size() > kMostKeywords) {
    return Invalid(path + ".keywords",
                   absl::StrFormat("has %d entries; at most %d are allowed", persona.keywords_size(), kMostKeywords));
  }
  for (int i = 0; i < persona.keywords_size(); ++i) {
    if (KeysOf(persona.keywords(i)).empty()) {
      return Invalid(absl::StrFormat("%s.keywords[%d]", path, i), "holds no word of 2 to 24 letters");
    }
  }
  return absl::OkStatus();
}

absl::Status ValidateCatalogue(const v1::PersonaSpec& spec) {
  std::set<std::string_view> domains, ids;
  for (int i = 0; i < spec.catalogue_size(); ++i) {
    const v1::DomainPersonas& own = spec.catalogue(i);
    const std::string path = absl::StrFormat("persona.catalogue[%d]", i);
    QUERN_RETURN_IF_ERROR(ValidateDomain(path + ".domain", own.domain()));
    if (!domains.insert(own.domain()).second)
      return Invalid(path + ".domain", "names a domain that has an entry already");
    if (own.personas_size() > kMostPersonasOfDomain) {
      return Invalid(path + ".personas", absl::StrFormat("has %d entries; at most %d are allowed", own.personas_size(),
                                                         kMostPersonasOfDomain));
    }
    for (int j = 0; j < own.personas_size(); ++j) {
      const std::string persona_path = absl::StrFormat("%s.personas[%d]", path, j);
      QUERN_RETURN_IF_ERROR(ValidatePersona(persona_path, own.personas(j)));
      if (!ids.insert(own.personas(j).id()).second) return Invalid(persona_path + ".id", "is used twice");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ValidatePersonaSpec(const v1::PersonaSpec& spec) {
  if (spec.has_max_personas() && (spec.max_personas() < 1 || spec.max_personas() > kMostPersonas)) {
    return Invalid("persona.max_personas",
                   absl::StrFormat("is %d; it must be 1 to %d", spec.max_personas(), kMostPersonas));
  }
  if (spec.has_min_confidence() && !(spec.min_confidence() >= 0 && spec.min_confidence() <= 1)) {
    return Invalid("persona.min_confidence", absl::StrFormat("is %g; it must be 0 to 1", spec.min_confidence()));
  }
  if (!spec.domain().empty()) QUERN_RETURN_IF_ERROR(ValidateDomain("persona.domain", spec.domain()));
  return ValidateCatalogue(spec);
}

}  // namespace quern::persona

#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace quern::generator {

// A worked example as it stands in the prompt: a document, a persona, and a good reply for them.
using Fewshot = std::string;

// Worked examples by domain. Immutable once made.
class Fewshots {
 public:
  // Quern's own: twelve for each domain of the default taxonomy.
  static const Fewshots& Builtin();
  // A job's own, as JSON Lines with the fields domain, persona, document, question, answer, for documents of `domains`
  // (none: the default taxonomy) and Other. INVALID_ARGUMENT, reason INVALID_SPEC, names the line, or the domain that
  // no document has.
  static absl::StatusOr<Fewshots> FromLines(std::string_view lines, std::vector<std::string> domains);

  // `count` different ones of the domain (of "Other" where it has none), drawn by `seed`: the same for the same seed.
  std::vector<const Fewshot*> Draw(std::string_view domain, size_t count, uint64_t seed) const;

 private:
  std::map<std::string, std::vector<Fewshot>, std::less<>> by_domain_;
};

// As they stand in the prompt; empty without any.
std::string FewshotText(const std::vector<const Fewshot*>& fewshots);

}  // namespace quern::generator

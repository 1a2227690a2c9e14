#include "absl/strings/str_format.h"
#include "services/verifier/checks.h"

namespace quern::verifier {

bool CheckDecontaminated(const v1::QuestionAnswer& pair, const ContaminationIndex& evaluation_sets,
                         std::string& detail) {
  const auto found = evaluation_sets.Find(pair.question());
  if (!found) return true;
  detail = absl::StrFormat("%s, entry %d: \"%s\"", found->set, found->entry, found->words);
  return false;
}

}  // namespace quern::verifier

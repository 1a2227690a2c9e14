#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "quern/v1/document.pb.h"
#include "quern/v1/work.pb.h"
#include "services/verifier/contamination_index.h"
#include "services/verifier/options.h"

namespace quern::verifier {

// Version of the checks, for provenance: changes whenever the same pair may get another verdict.
inline constexpr std::string_view kChecksVersion = "extractive-verifier/2";

// Name of the check that compares the question with evaluation sets.
inline constexpr std::string_view kDecontaminated = "decontaminated";

// What the verifier found about a pair.
struct Verdict {
  bool passed = false;
  // The pair with its answer type and spans filled in as far as they were found.
  v1::QuestionAnswer pair;
  // Every check that ran, in order; the last one failed when the pair did.
  std::vector<v1::Check> checks;
  // The failed check's reason ("NOT_GROUNDED", "ANSWER_LEAKED", ...) and a sentence for people. Empty when the pair
  // passed.
  std::string reason;
  std::string message;
};

// Checks any pair, whoever made it, against its document; spans of the pair are checked, never believed. Deterministic,
// linear in the text, thread-safe. The check "decontaminated" runs where `evaluation_sets` is given.
Verdict Verify(const v1::Document& document, const v1::QuestionAnswer& pair, const Options& options,
               const ContaminationIndex* evaluation_sets = nullptr);

// Names of the checks in the order in which they run. Frozen. The last one needs evaluation sets.
const std::vector<std::string_view>& CheckNames();

}  // namespace quern::verifier

#pragma once

#include <string_view>
#include <vector>

#include "quern/v1/document.pb.h"
#include "services/generator/candidate.h"
#include "services/generator/options.h"

namespace quern::generator {

// Version of the rules, for provenance: changes whenever the same document may give another candidate.
inline constexpr std::string_view kRulesVersion = "extractive-generator/3";

// The pairs that can be asked of `document`, best first; no two ask the same fact. Deterministic in document and
// options. Time is linear in the text. Thread-safe.
std::vector<Candidate> ExtractCandidates(const v1::Document& document, const Options& options);

}  // namespace quern::generator

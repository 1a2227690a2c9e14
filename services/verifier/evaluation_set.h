#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "absl/status/status.h"
#include "services/verifier/options.h"

namespace quern::verifier {

// Takes one text of an entry. `entry` is the number of its line in the file, from 1. An error ends the reading.
using TakeEntryText = std::function<absl::Status(uint64_t entry, std::string_view text)>;

// Reads the file of `set` from its beginning to its end and hands on every text that counts: the strings of its fields
// where it is JSON Lines (each string of a list by itself), its lines where it is text. Blank lines are passed over.
// The format goes by the name's extension, as for a corpus, else JSON Lines where the content begins with "{"; gzip and
// zstd are recognised by content.
//
// `path` names the set in the spec ("verifier.decontamination.sets[0]"). Errors: INVALID_ARGUMENT with reason
// INVALID_SPEC, led by that path and naming file and line: the file is missing or cannot be read to its end, is of
// another format, holds an invalid line or one over 16 MiB, a field that is neither string nor list of strings (null
// stands for an absent one), or no entry with any of the fields; and what `take` returns. Blocking; thread-safe.
absl::Status ReadEvaluationSet(const EvaluationSet& set, std::string_view path, const TakeEntryText& take);

}  // namespace quern::verifier

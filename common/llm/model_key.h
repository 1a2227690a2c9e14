#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "quern/v1/llm.pb.h"

namespace quern::llm {

// The key of a model, from its environment variable or file; "" where the spec names none. Unless `key_dir` is "", keys
// are files alone, and lie in that folder, links followed. INVALID_ARGUMENT, reason INVALID_SPEC: it is not to be had,
// or no key; names variable or file, and never says what is in it.
absl::StatusOr<std::string> ReadModelKey(const v1::ModelSpec& spec, const std::string& key_dir);

}  // namespace quern::llm

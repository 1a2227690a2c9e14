#pragma once

#include "absl/status/status.h"
#include "quern/v1/persona.pb.h"

namespace quern::persona {

// Checks what the types of PersonaSpec do not: ranges, names of domains, ids. Fails with INVALID_ARGUMENT, reason
// INVALID_SPEC, and a message that begins with the field's path, for example "persona.max_personas".
absl::Status ValidatePersonaSpec(const v1::PersonaSpec& spec);

}  // namespace quern::persona

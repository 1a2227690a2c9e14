#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "quern/v1/job.pb.h"

namespace quern::config {

// Reads a job's YAML file and applies `overrides` (path and value, for example "queue.lanes" and "4") on top; an empty
// `file` stands for an empty spec. The spec is resolved, as by ResolveJobSpec. NOT_FOUND: no such file;
// INVALID_ARGUMENT, reason INVALID_SPEC, names all faults with their paths, those of form and those of value.
absl::StatusOr<v1::JobSpec> LoadJobSpec(const std::string& file,
                                        const std::vector<std::pair<std::string, std::string>>& overrides = {});

// A spec from YAML, without files, overrides and defaults: only faults of form are told.
absl::StatusOr<v1::JobSpec> ParseJobSpec(std::string_view yaml);

// Fills every default of job.proto and the stages' engines (from the job's), and checks ranges. Idempotent.
// INVALID_ARGUMENT, reason INVALID_SPEC, names all faults with their paths.
absl::StatusOr<v1::JobSpec> ResolveJobSpec(v1::JobSpec spec);

// 32 hexadecimal digits that name the spec's content without its budget, which may change. Equal for specs that are
// equal after ResolveJobSpec: pass a resolved one.
std::string SpecHash(const v1::JobSpec& resolved);

}  // namespace quern::config

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

// What the job makes of its documents: the spec without what may change while it runs, its budget and how its models
// are reached (ClearAccess in job_models.h).
v1::JobSpec SpecIdentity(v1::JobSpec resolved);

// 32 hexadecimal digits that name it. Equal for specs that are equal after ResolveJobSpec: pass a resolved one.
std::string SpecHash(const v1::JobSpec& resolved);

// The same of all of the spec.
std::string WholeSpecHash(const v1::JobSpec& spec);

}  // namespace quern::config

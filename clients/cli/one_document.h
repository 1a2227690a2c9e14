#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "quern/v1/job.pb.h"

namespace quern::cli {

// The document at `line` of a file as `run` takes it, or the first one after it. DATA_LOSS, with the document's own
// reason: it cannot be used, or there is none; INVALID_ARGUMENT, reason USAGE: `input` is a folder.
absl::StatusOr<v1::Document> ReadDocument(const std::string& input, uint64_t line, const v1::InputSpec& spec);

}  // namespace quern::cli

#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "clients/cli/console.h"
#include "common/llm/reply_cache.h"
#include "quern/v1/job.pb.h"

namespace quern::cli {

// Opens the folder that --reply-cache names, in front of `command` ("run"). Null where it names none, or the spec says
// `reply_cache: false`, which is warned of. FAILED_PRECONDITION, reason INVALID_CONFIG: the folder cannot be used.
absl::StatusOr<std::shared_ptr<llm::ReplyCache>> OpenReplies(const std::string& folder, const v1::JobSpec& spec,
                                                             const std::string& command, const Console& console);

}  // namespace quern::cli

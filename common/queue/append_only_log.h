#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace quern::queue {

// Cuts a torn transaction off the end of the append-only log in `folder` (a redis-server's --dir), while no server
// works there. Returns how many bytes were cut: 0 for a log that is whole, or not there.
//
// A script's writes are one MULTI…EXEC in the log. When a crash tears the last one, Redis 7 cuts the torn command, but
// leaves the transaction's beginning in the file, and carries that out at the start after next: half a script, so
// that items come twice (valkey-io/valkey#4342). redis-check-aof, which comes with redis-server, finds where the last
// whole transaction ends.
//
// What it prints is appended to `folder`/check.log. Blocks for as long as it takes to read the log once.
// Errors, reason LOG_DAMAGED (DATA_LOSS): the fault is not at the end of the newest file, or more than 64 MiB lie
// behind it, which a crash does not explain; nothing was changed then. UNAVAILABLE, reason REDIS_MISSING:
// redis-check-aof is not installed.
absl::StatusOr<uint64_t> RepairAppendOnlyLog(const std::string& folder);

}  // namespace quern::queue

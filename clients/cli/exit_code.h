#pragma once

#include "absl/status/status.h"
#include "common/base/config/exit_code.h"
#include "quern/v1/job.pb.h"

namespace quern::cli {

// Exit codes of `quern` besides those that every program has. docs/cli.md lists them all.
inline constexpr int kExitDone = 0;
inline constexpr int kExitDoneWithDeadLetters = 3;
inline constexpr int kExitCancelled = 4;
inline constexpr int kExitPaused = 5;
// A fault of Quern itself (EX_SOFTWARE of sysexits.h): please report it.
inline constexpr int kExitInternal = 70;

// What a command that failed with `error` exits with. The reason decides where it is known, else the code.
int ExitCodeFor(const absl::Status& error);

// What a command that followed `job` to where it is now exits with.
int ExitCodeFor(const v1::Job& job);

}  // namespace quern::cli

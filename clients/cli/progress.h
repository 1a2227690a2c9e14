#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "clients/cli/submission.h"
#include "quern/v1/pipeline.pb.h"

namespace quern::cli {

// Everything that is shown about a job under way.
struct Progress {
  v1::WatchJobResponse watch;
  // Where this process sends the input itself.
  std::optional<InputProgress> input;
  // Since this process began.
  absl::Duration elapsed;
};

// Seconds until the job is done: the server's estimate for what it holds, or, while input is still read, what the rest
// of the input takes at the speed so far if that is longer. Nothing while it is unknown.
std::optional<absl::Duration> TimeLeft(const Progress& progress);

// The display for a terminal: at most eight lines, and one for each server that does not answer, of at most `width`
// columns. `color` allows escape sequences, which do not count as columns.
std::vector<std::string> ProgressLines(const Progress& progress, size_t width, bool color);

// The same on one line, for logs and pipes.
std::string ProgressLine(const Progress& progress);

}  // namespace quern::cli

#pragma once

#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "clients/cli/console.h"
#include "clients/cli/progress.h"

namespace quern::cli {

// Shows a job's progress on the console's err: a display that is redrawn in place on a terminal, else one plain line at
// most every `plain_interval`. Thread-safe.
class ProgressDisplay {
 public:
  struct Options {
    // Shows nothing.
    bool quiet = false;
    absl::Duration plain_interval = absl::Seconds(5);
    // The clock, for tests.
    std::function<absl::Time()> now = [] { return absl::Now(); };
  };

  explicit ProgressDisplay(const Console& console) : ProgressDisplay(console, Options()) {}
  ProgressDisplay(const Console& console, Options options);

  // Where this process sends the input itself. Shown with the next Update.
  void SetInput(const InputProgress& input);

  // Shows a job's state.
  void Update(const v1::WatchJobResponse& watch);

  // Shows the last state once more, in full, and leaves it standing; what is written to err afterwards follows below.
  void Finish();

  // Writes a line to err without tearing the display.
  void Say(const std::string& line);

 private:
  void Draw();
  void Clear();

  const Console& console_;
  const Options options_;
  const absl::Time started_;

  std::mutex mutex_;
  // All guarded by mutex_.
  std::optional<InputProgress> input_;
  std::optional<Progress> last_;
  size_t drawn_lines_ = 0;
  absl::Time last_line_ = absl::InfinitePast();
  std::string last_text_;
};

}  // namespace quern::cli

#pragma once

#include <cstddef>
#include <functional>
#include <iosfwd>
#include <stop_token>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace quern::cli {

// Where a command speaks and hears: data alone goes to `out`, everything for people to `err`. Tests bring their own.
// Thread-compatible; `interrupt` may be asked from any thread.
struct Console {
  std::ostream* out = nullptr;
  std::ostream* err = nullptr;
  // Whether a person looks at `err` or `out` in a terminal, which decides between a display and plain lines.
  bool err_is_terminal = false;
  bool out_is_terminal = false;
  // False when NO_COLOR is set or TERM is "dumb".
  bool color = false;
  // Columns of the terminal, asked anew each time: it may be resized. Never less than 40.
  std::function<size_t()> width = [] { return size_t{80}; };
  // Stops when the process is told to end by a signal.
  std::stop_token interrupt;
  // That signal's number; 0 before it.
  std::function<int()> signal = [] { return 0; };
};

// The process's own streams and terminal. `interrupt` and `signal` are left for the caller.
Console SystemConsole();

// Says "quern: message" on err, led by `command` where there is one, and returns the exit code for `error`.
int Fail(const Console& console, std::string_view command, const absl::Status& error);

// 130 after SIGINT, 143 after SIGTERM. Call it once `interrupt` has stopped.
int InterruptedExitCode(const Console& console);

// Text of others made safe to show: escape sequences and other control characters become "·", runs of white space
// one blank, and what exceeds `limit` bytes is cut at a character and marked by "…". For documents are hostile.
std::string Printable(std::string_view text, size_t limit);

}  // namespace quern::cli

#include "clients/cli/console.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <string>

#include "clients/cli/exit_code.h"

namespace quern::cli {
namespace {

constexpr size_t kMinWidth = 40;
constexpr size_t kDefaultWidth = 80;

size_t TerminalWidth() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kDefaultWidth;
  return std::max<size_t>(size.ws_col, kMinWidth);
}

bool ColorWanted() {
  const char* no_color = std::getenv("NO_COLOR");
  if (no_color != nullptr && *no_color != '\0') return false;
  const char* term = std::getenv("TERM");
  return term != nullptr && std::string_view(term) != "dumb";
}

// Bytes of the UTF-8 character that begins at `text`, 0 when none does. Only what a terminal needs is checked.
size_t CharacterLength(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const size_t length = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
  if (length == 0 || length > text.size()) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) return 0;
  }
  return length;
}

// C0 and C1 controls, and the characters that reorder or hide text (bidi controls, zero-width ones, line separators).
bool Hidden(std::string_view character) {
  const auto at = [&](size_t i) { return static_cast<unsigned char>(character[i]); };
  if (character.size() == 1) return at(0) < 0x20 || at(0) == 0x7f;
  if (character.size() == 2) return at(0) == 0xc2 && at(1) < 0xa0;
  if (character.size() != 3) return false;
  if (at(0) == 0xe2 && at(1) == 0x80) return (at(2) >= 0x8b && at(2) <= 0x8f) || (at(2) >= 0xa8 && at(2) <= 0xae);
  if (at(0) == 0xe2 && at(1) == 0x81) return at(2) >= 0xa0 && at(2) <= 0xaf;
  return character == "\xef\xbb\xbf";
}

bool Blank(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

}  // namespace

Console SystemConsole() {
  Console console;
  console.out = &std::cout;
  console.err = &std::cerr;
  console.out_is_terminal = isatty(STDOUT_FILENO) == 1;
  console.err_is_terminal = isatty(STDERR_FILENO) == 1;
  console.color = console.err_is_terminal && ColorWanted();
  console.width = TerminalWidth;
  return console;
}

int Fail(const Console& console, std::string_view command, const absl::Status& error) {
  *console.err << "quern" << (command.empty() ? "" : " ") << command << ": " << error.message() << std::endl;
  return ExitCodeFor(error);
}

int InterruptedExitCode(const Console& console) { return 128 + (console.signal() == 0 ? SIGINT : console.signal()); }

std::string Printable(std::string_view text, size_t limit) {
  std::string shown;
  for (size_t i = 0; i < text.size();) {
    if (shown.size() >= limit) return shown + "…";
    if (Blank(text[i])) {
      while (i < text.size() && Blank(text[i])) ++i;
      if (!shown.empty() && i < text.size()) shown += ' ';
      continue;
    }
    const size_t length = CharacterLength(text.substr(i));
    const std::string_view character = text.substr(i, std::max<size_t>(length, 1));
    shown += length == 0 || Hidden(character) ? std::string_view("·") : character;
    i += character.size();
  }
  return shown;
}

}  // namespace quern::cli

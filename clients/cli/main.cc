#include "clients/cli/command_line.h"
#include "clients/cli/console.h"
#include "clients/cli/interrupt.h"
#include "common/base/file_limit.h"

// quern: the command line. See `quern --help` and docs/cli.md.
int main(int argc, char** argv) {
  quern::RaiseFileLimit();
  // Before any thread is started.
  quern::cli::Interrupt interrupt;
  quern::cli::Console console = quern::cli::SystemConsole();
  console.interrupt = interrupt.token();
  console.signal = [&interrupt] { return interrupt.signal(); };
  return quern::cli::RunCommandLine({argv + 1, argv + argc}, console);
}

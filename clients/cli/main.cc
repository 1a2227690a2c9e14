#include <fcntl.h>
#include <unistd.h>

#include "clients/cli/command_line.h"
#include "clients/cli/console.h"
#include "clients/cli/interrupt.h"
#include "common/base/file_limit.h"
#include "common/base/log.h"
#include "common/base/mutex_checks.h"

namespace {

// The descriptor of a standard stream that is closed would go to the next file that is opened, and what is said be
// written into that. Close-on-exec tells it from a stream that was passed on to this process (see SpoolStandardInput).
void OccupyClosedStreams() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(fd, F_GETFD) < 0) open("/dev/null", O_RDWR | O_CLOEXEC);
  }
}

}  // namespace

// quern: the command line. See `quern --help` and docs/cli.md.
int main(int argc, char** argv) {
  OccupyClosedStreams();
  quern::RaiseFileLimit();
  quern::StopMutexChecks();
  // Commands tell people what goes wrong; those that work in this process log into a file.
  quern::InitLogging("quern", quern::LogLevel::kError, quern::LogFormat::kText);
  // Before any thread is started.
  quern::cli::Interrupt interrupt;
  quern::cli::Console console = quern::cli::SystemConsole();
  console.interrupt = interrupt.token();
  console.signal = [&interrupt] { return interrupt.signal(); };
  return quern::cli::RunCommandLine({argv + 1, argv + argc}, console);
}

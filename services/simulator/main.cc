#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/config/exit_code.h"
#include "common/base/log.h"
#include "common/base/mutex_checks.h"
#include "common/base/version.h"
#include "services/simulator/options.h"
#include "services/simulator/server.h"

namespace quern::simulator {
namespace {

constexpr char kName[] = "quern-model-simulator";

int Fail(const absl::Status& status, int code) {
  std::fputs(absl::StrCat(kName, ": ", status.message(), "\n").c_str(), stderr);
  return code;
}

int Print(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
  return 0;
}

int Serve(CommandOptions options) {
  std::unique_ptr<Witness> witness;
  if (!options.simulator.witness.empty()) {
    auto opened = Witness::Open(options.simulator.witness);
    if (!opened.ok()) return Fail(opened.status(), config::kExitCannotCreate);
    witness = *std::move(opened);
  }
  Simulator simulator(std::move(options.simulator), std::move(witness));
  Server server(options.server, simulator);
  const absl::Status listening = server.Listen();
  if (!listening.ok()) return Fail(listening, config::kExitUnavailable);
  Print(server.Address() + "\n");
  server.Run();
  return 0;
}

int Main(const std::vector<std::string>& words) {
  const auto line = config::CommandLine::Parse(Flags(), words);
  if (!line.ok()) return Fail(line.status(), config::kExitUsage);
  if (line->Has("help")) return Print(Help());
  if (line->Has("version")) return Print(absl::StrCat(kName, " ", std::string(Version()), "\n"));
  auto options = ReadOptions(*line);
  if (!options.ok()) {
    const bool missing = options.status().code() == absl::StatusCode::kNotFound;
    return Fail(options.status(), missing ? config::kExitNoInput : config::kExitUsage);
  }
  InitLogging(kName, LogLevel::kInfo);
  StopMutexChecks();
  return Serve(*std::move(options));
}

}  // namespace
}  // namespace quern::simulator

// quern-model-simulator: chat completions without a model. See README.md.
int main(int argc, char** argv) { return quern::simulator::Main({argv + 1, argv + argc}); }

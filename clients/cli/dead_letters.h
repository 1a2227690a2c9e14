#pragma once

#include <string>
#include <vector>

#include "clients/cli/channel.h"
#include "clients/cli/console.h"
#include "quern/v1/pipeline.pb.h"

namespace quern::cli {

// What became of dead letters that were to go on, in one line.
std::string RedriveText(const v1::RedriveDeadLettersResponse& done);

// `quern dead-letters list` and `redrive`.
struct DeadLettersOptions {
  std::string job;
  Server server;
  // Only this reason, when not empty.
  std::string reason;
  // `list`: JSON Lines, documents and all. `redrive`: only these ids, when there are any.
  bool json = false;
  std::vector<std::string> ids;
};

int ListDeadLetters(const DeadLettersOptions& options, const Console& console);
int RedriveDeadLetters(const DeadLettersOptions& options, const Console& console);

}  // namespace quern::cli

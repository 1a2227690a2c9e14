#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "clients/cli/channel.h"
#include "clients/cli/console.h"

namespace quern::cli {

// The commands that ask one thing of a server about a job. Each returns the exit code.

struct JobOptions {
  // "NAME" or "jobs/NAME". Empty only for `status`: all jobs.
  std::string job;
  Server server;
  // `status`: JSON on out. `delete`: remove the dataset's files as well.
  bool json = false;
  bool delete_dataset = false;
  // `resume`: caps that take the place of the job's.
  std::optional<uint64_t> max_tokens;
  std::optional<double> max_cost;
};

// Shows one job in full, or all jobs, a line each.
int Status(const JobOptions& options, const Console& console);
int Pause(const JobOptions& options, const Console& console);
int Resume(const JobOptions& options, const Console& console);
int Cancel(const JobOptions& options, const Console& console);
int Delete(const JobOptions& options, const Console& console);

}  // namespace quern::cli

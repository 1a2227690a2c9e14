#include "clients/cli/inspect.h"

#include <ostream>

#include "clients/cli/dataset_summary.h"
#include "clients/cli/exit_code.h"

namespace quern::cli {

int Inspect(const InspectOptions& options, const Console& console) {
  const absl::StatusOr<DatasetSummary> summary = Summarize(options.dir, options.samples);
  if (!summary.ok()) return Fail(console, "inspect", summary.status());
  *console.out << (options.json ? SummaryJson(*summary) + "\n" : SummaryText(*summary)) << std::flush;
  return kExitDone;
}

}  // namespace quern::cli

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "clients/cli/run_state.h"
#include "common/base/file_lock.h"
#include "common/dataset/corpus.h"

namespace quern::cli {

// The folder that `quern run` writes to, held by this process alone.
struct RunOutput {
  FileLock lock;
  // What an earlier run left; nothing in a new folder.
  std::optional<RunState> found;
};

// Creates the folder where it is missing, locks it and reads what an earlier run left. FAILED_PRECONDITION, reasons
// OUTPUT_LOCKED (another run works there), OTHER_JOB (it holds something else), OUTPUT_UNUSABLE.
absl::StatusOr<RunOutput> OpenRunOutput(const std::string& dir);

// Checks all inputs, as OpenCorpus does; standard input ("-") is first copied to `dir`/stdin, which a resumed run reads
// again. Other inputs are checked before that is done.
absl::StatusOr<dataset::Corpus> OpenRunInputs(const std::vector<std::string>& inputs, const std::string& dir);

}  // namespace quern::cli

#include "clients/cli/run_output.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"

namespace quern::cli {

absl::StatusOr<RunOutput> OpenRunOutput(const std::string& dir) {
  std::error_code error;
  std::filesystem::create_directories(dir, error);
  if (error) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "OUTPUT_UNUSABLE",
                     absl::StrCat("cannot create ", dir, ": ", error.message()));
  }
  absl::StatusOr<FileLock> lock = FileLock::Acquire(dir + "/run.lock", absl::ZeroDuration());
  if (absl::IsAborted(lock.status())) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "OUTPUT_LOCKED",
                     absl::StrCat("another quern run works on ", dir, " (", lock.status().message(),
                                  "); wait for it or choose another --output"));
  }
  QUERN_RETURN_IF_ERROR(lock.status());
  QUERN_ASSIGN_OR_RETURN(std::optional<RunState> found, ReadRunState(dir));
  return RunOutput{*std::move(lock), std::move(found)};
}

absl::StatusOr<dataset::Corpus> OpenRunInputs(const std::vector<std::string>& inputs, const std::string& dir) {
  dataset::CorpusOptions options;
  if (std::find(inputs.begin(), inputs.end(), "-") != inputs.end()) {
    options.standard_input_path = dir + "/stdin";
    std::vector<std::string> files;
    std::copy_if(inputs.begin(), inputs.end(), std::back_inserter(files),
                 [](const auto& input) { return input != "-"; });
    if (!files.empty()) QUERN_RETURN_IF_ERROR(dataset::OpenCorpus(files, options).status());
    QUERN_RETURN_IF_ERROR(dataset::SpoolStandardInput(STDIN_FILENO, options.standard_input_path).status());
  }
  return dataset::OpenCorpus(inputs, options);
}

}  // namespace quern::cli

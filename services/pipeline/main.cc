#include <optional>
#include <utility>

#include "common/base/error.h"
#include "common/service/process.h"
#include "services/pipeline/data_folder.h"
#include "services/pipeline/pipeline.h"

// quern-pipeline: jobs, ingest, watch, records and dead letters by gRPC; the sink that writes datasets to disk.
int main(int argc, char** argv) {
  using quern::pipeline::Pipeline;
  std::optional<quern::FileLock> data_folder;
  const auto make =
      [&](quern::service::Process& process) -> absl::StatusOr<std::unique_ptr<quern::service::Component>> {
    QUERN_ASSIGN_OR_RETURN(data_folder, quern::pipeline::HoldDataFolder(process.config().pipeline().data_dir()));
    QUERN_ASSIGN_OR_RETURN(auto channels, quern::pipeline::MakeChannels(process.config().pipeline()));
    return std::make_unique<Pipeline>(quern::pipeline::MakeOptions(process.config(), process.redis()),
                                      std::move(channels), &process.metrics(), process.access());
  };
  return quern::service::Process::Main(quern::config::kPipelineProcess, argc, argv, make);
}

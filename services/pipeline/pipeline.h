#pragma once

#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/service/access.h"
#include "common/service/component.h"
#include "common/service/job_metrics.h"
#include "common/service/metrics.h"
#include "quern/v1/config.pb.h"
#include "services/pipeline/converter.h"
#include "services/pipeline/dead_letters.h"
#include "services/pipeline/housekeeper.h"
#include "services/pipeline/jobs.h"
#include "services/pipeline/options.h"
#include "services/pipeline/pipeline_service.h"
#include "services/pipeline/sink.h"

namespace quern::pipeline {

// Everything that quern-pipeline is besides a process: PipelineService, the sink, the housekeeper. `quern run` builds
// the same one. The order of its members is their order of life.
class Pipeline final : public service::Component {
 public:
  // `channels` lead to the stage services, which ConvertDocument calls. `metrics` and `access` outlive it.
  Pipeline(const PipelineOptions& options, StageChannels channels, service::Metrics* metrics,
           const service::Access& access = service::Access::Everybody());

  std::vector<grpc::Service*> Services() override;
  absl::Status Start() override;
  bool NeedsRedis() const override { return true; }
  void Drain(absl::Duration grace) override;

 private:
  service::JobMetrics metrics_;
  Sink sink_;
  Jobs jobs_;
  DeadLetters dead_letters_;
  Converter converter_;
  PipelineService service_;
  Housekeeper housekeeper_;
};

// The options that a configuration with its defaults filled in asks for.
PipelineOptions MakeOptions(const v1::ServiceConfig& config, const queue::RedisOptions& redis);

// Channels to the addresses in a configuration. Connects when first used. Errors as of service::MakeChannel.
absl::StatusOr<StageChannels> MakeChannels(const v1::PipelineConfig& config);

}  // namespace quern::pipeline

#include "services/pipeline/pipeline.h"

#include <utility>

#include "common/base/error.h"
#include "common/service/channel.h"
#include "google/protobuf/util/time_util.h"

namespace quern::pipeline {

Pipeline::Pipeline(const PipelineOptions& options, StageChannels channels, service::Metrics* metrics,
                   const service::Access& access)
    : metrics_(metrics),
      sink_(options, &metrics_),
      jobs_(options, &sink_),
      dead_letters_(&jobs_),
      converter_(std::move(channels)),
      service_(&jobs_, &dead_letters_, &converter_, &access, options.threads),
      housekeeper_(options, &metrics_) {}

std::vector<grpc::Service*> Pipeline::Services() { return {service_.service()}; }

absl::Status Pipeline::Start() {
  sink_.Start();
  housekeeper_.Start();
  return absl::OkStatus();
}

void Pipeline::Drain(absl::Duration grace) {
  const absl::Time deadline = absl::Now() + grace;
  service_.Drain(grace);
  housekeeper_.Stop();
  sink_.Stop(deadline);
}

PipelineOptions MakeOptions(const v1::ServiceConfig& config, const queue::RedisOptions& redis) {
  PipelineOptions options;
  options.redis = redis;
  options.data_dir = config.pipeline().data_dir();
  options.retention =
      absl::Milliseconds(google::protobuf::util::TimeUtil::DurationToMilliseconds(config.pipeline().retention()));
  return options;
}

absl::StatusOr<StageChannels> MakeChannels(const v1::PipelineConfig& config) {
  StageChannels channels;
  const auto open = [&](const std::string& address) { return service::MakeChannel(address, config.stages(), {}); };
  QUERN_ASSIGN_OR_RETURN(channels.filter, open(config.filter_address()));
  QUERN_ASSIGN_OR_RETURN(channels.persona, open(config.persona_address()));
  QUERN_ASSIGN_OR_RETURN(channels.generator, open(config.generator_address()));
  QUERN_ASSIGN_OR_RETURN(channels.verifier, open(config.verifier_address()));
  return channels;
}

}  // namespace quern::pipeline

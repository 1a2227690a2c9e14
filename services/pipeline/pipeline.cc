#include "services/pipeline/pipeline.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <utility>

#include "google/protobuf/util/time_util.h"

namespace quern::pipeline {

Pipeline::Pipeline(const PipelineOptions& options, StageChannels channels, service::Metrics* metrics)
    : metrics_(metrics),
      sink_(options, &metrics_),
      jobs_(options, &sink_),
      dead_letters_(&jobs_),
      converter_(std::move(channels)),
      service_(&jobs_, &dead_letters_, &converter_, options.threads),
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

StageChannels MakeChannels(const v1::PipelineConfig& config) {
  const auto channel = [](const std::string& address) {
    return grpc::CreateChannel(address, grpc::InsecureChannelCredentials());
  };
  return {channel(config.filter_address()), channel(config.persona_address()), channel(config.generator_address()),
          channel(config.verifier_address())};
}

}  // namespace quern::pipeline

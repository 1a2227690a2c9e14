#include "clients/cli/embedded_system.h"

#include <grpcpp/channel.h>

#include <algorithm>
#include <boost/asio/thread_pool.hpp>
#include <utility>

#include "common/base/config/service_config.h"
#include "common/base/error.h"
#include "common/queue/suspect_gate.h"
#include "common/service/metrics.h"
#include "common/service/reach.h"
#include "common/service/redis_metrics.h"
#include "common/service/server.h"
#include "common/stage/stage_component.h"
#include "services/filter/filter_service.h"
#include "services/generator/generator_service.h"
#include "services/persona/persona_service.h"
#include "services/pipeline/pipeline.h"
#include "services/verifier/verifier_service.h"

namespace quern::cli {
namespace {

absl::StatusOr<stage::StageComponentOptions> StageOptions(const EmbeddedOptions& options, queue::SuspectGate* gate,
                                                          stage::Models* models, service::Metrics* metrics) {
  // The defaults of a process of its own serve here as well.
  const config::ProcessIdentity identity{"quern", "", 0, true};
  QUERN_ASSIGN_OR_RETURN(const config::LoadedConfig loaded, config::LoadServiceConfig(identity, {}));
  stage::StageComponentOptions stage;
  stage.worker = loaded.config.worker();
  if (options.items_at_once > 0) stage.worker.set_concurrency(options.items_at_once);
  stage.redis = options.redis;
  stage.take_over = options.redis.exclusive;
  stage.gate = gate;
  stage.models = models;
  stage.metrics = metrics;
  stage.threads = std::make_shared<boost::asio::thread_pool>(stage.worker.threads());
  return stage;
}

pipeline::PipelineOptions PipelineOptions(const EmbeddedOptions& options) {
  pipeline::PipelineOptions pipeline;
  pipeline.redis = options.redis;
  pipeline.dataset_dir = options.dataset_dir;
  return pipeline;
}

std::vector<grpc::Service*> AllServices(const std::vector<std::unique_ptr<service::Component>>& components) {
  std::vector<grpc::Service*> all;
  for (const auto& component : components) {
    for (grpc::Service* service : component->Services()) all.push_back(service);
  }
  return all;
}

}  // namespace

// The order of the members is their order of life.
struct EmbeddedSystem::Parts {
  service::Metrics metrics{"quern"};
  service::RedisMetrics redis_metrics{&metrics};
  queue::SuspectGate gate;
  std::unique_ptr<stage::Models> models;
  std::vector<std::unique_ptr<service::Component>> stages;
  std::unique_ptr<service::Server> stage_server;
  std::unique_ptr<pipeline::Pipeline> pipeline;
  std::unique_ptr<service::Server> server;
  std::shared_ptr<grpc::Channel> channel;
};

absl::StatusOr<std::unique_ptr<EmbeddedSystem>> EmbeddedSystem::Start(EmbeddedOptions options) {
  QUERN_RETURN_IF_ERROR(service::CheckNotPublic(
      options.listen, "listen on 127.0.0.1 or a private address; quern-pipeline can ask for tokens, a run cannot"));
  auto parts = std::make_unique<Parts>();
  options.redis.observe = [redis = &parts->redis_metrics](std::string_view command, absl::Duration took) {
    redis->Observe(command, took);
  };
  QUERN_RETURN_IF_ERROR(parts->metrics.Expose(options.metrics));
  parts->models = std::make_unique<stage::Models>(options.redis, &parts->metrics, options.replies, options.observer);
  QUERN_ASSIGN_OR_RETURN(const stage::StageComponentOptions stage,
                         StageOptions(options, &parts->gate, parts->models.get(), &parts->metrics));
  parts->stages.push_back(filter::MakeFilterComponent(stage));
  parts->stages.push_back(persona::MakePersonaComponent(stage));
  parts->stages.push_back(generator::MakeGeneratorComponent(stage));
  parts->stages.push_back(verifier::MakeVerifierComponent(stage));
  QUERN_ASSIGN_OR_RETURN(parts->stage_server, service::Server::Start({}, AllServices(parts->stages), &parts->metrics));
  const std::shared_ptr<grpc::Channel> stages = parts->stage_server->InProcessChannel();
  parts->pipeline = std::make_unique<pipeline::Pipeline>(
      PipelineOptions(options), pipeline::StageChannels{stages, stages, stages, stages}, &parts->metrics);
  service::ServerOptions server;
  server.address = options.listen;
  QUERN_ASSIGN_OR_RETURN(parts->server, service::Server::Start(server, parts->pipeline->Services(), &parts->metrics));
  parts->channel = parts->server->InProcessChannel();
  parts->stage_server->SetServing(true);
  parts->server->SetServing(true);
  return std::unique_ptr<EmbeddedSystem>(new EmbeddedSystem(std::move(parts)));
}

EmbeddedSystem::EmbeddedSystem(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

EmbeddedSystem::~EmbeddedSystem() { Drain(absl::ZeroDuration()); }

absl::Status EmbeddedSystem::Work() {
  for (const auto& component : parts_->stages) QUERN_RETURN_IF_ERROR(component->Start());
  return parts_->pipeline->Start();
}

std::shared_ptr<grpc::Channel> EmbeddedSystem::channel() const { return parts_->channel; }

void EmbeddedSystem::Drain(absl::Duration grace) {
  const absl::Time deadline = absl::Now() + grace;
  const auto left = [&] { return std::max(deadline - absl::Now(), absl::ZeroDuration()); };
  // The stages first: what they still finish is for the sink to write.
  for (const auto& component : parts_->stages) component->Drain(left());
  parts_->pipeline->Drain(left());
  parts_->server->Drain(left());
  parts_->stage_server->Drain(left());
}

}  // namespace quern::cli

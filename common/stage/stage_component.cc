#include "common/stage/stage_component.h"

#include <grpcpp/impl/service_type.h>
#include <unistd.h>

#include <boost/asio/thread_pool.hpp>
#include <random>

#include "absl/strings/str_format.h"
#include "common/base/error.h"
#include "common/base/log.h"
#include "common/service/redis_options.h"

namespace quern::stage {
namespace {

absl::Duration ToDuration(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

// Unique among all consumers, and telling where to look.
std::string ConsumerName() {
  char host[256] = {};
  gethostname(host, sizeof(host) - 1);
  return absl::StrFormat("%s-%d-%08x", host, getpid(), std::random_device()());
}

}  // namespace

StageComponent::StageComponent(v1::StageName stage, const MakeStage& make_stage, const MakeService& make_service,
                               StageComponentOptions options)
    : options_(std::move(options)),
      own_models_(options_.models == nullptr ? std::make_unique<Models>(options_.redis, options_.metrics,
                                                                        options_.replies, nullptr, options_.key_dir)
                                             : nullptr),
      models_(own_models_ != nullptr ? own_models_.get() : options_.models),
      metrics_(options_.metrics, stage),
      runner_(
          stage, [make_stage, hub = models_->hub()](const v1::JobSpec& spec) { return make_stage(spec, hub); },
          options_.threads != nullptr ? options_.threads
                                      : std::make_shared<boost::asio::thread_pool>(options_.worker.threads()),
          &metrics_),
      service_(make_service({&runner_, options_.access})) {}

StageComponent::~StageComponent() = default;

std::vector<grpc::Service*> StageComponent::Services() { return {service_.get()}; }

absl::Status StageComponent::Start() {
  if (!options_.worker.enabled()) {
    LogInfo("the worker is switched off; serving RPCs only");
    return absl::OkStatus();
  }
  QUERN_RETURN_IF_ERROR(service::CheckRedis(options_.redis));
  WorkerOptions options;
  options.redis = options_.redis;
  options.consumer.name = ConsumerName();
  options.consumer.slots = options_.worker.concurrency();
  options.consumer.lease = ToDuration(options_.worker.lease());
  options.consumer.renewal = ToDuration(options_.worker.renewal());
  options.consumer.take_over = options_.take_over;
  queue::SuspectGate* const gate = options_.gate != nullptr ? options_.gate : &own_gate_;
  QUERN_ASSIGN_OR_RETURN(worker_, Worker::Start(std::move(options), &runner_, gate, &metrics_));
  return absl::OkStatus();
}

void StageComponent::Drain(absl::Duration grace) {
  // What waits to be sent goes back unsent; calls in flight go on to their end.
  models_->hub()->Stop();
  if (worker_ != nullptr) worker_->Drain(grace);
}

}  // namespace quern::stage

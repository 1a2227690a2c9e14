#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "common/queue/redis.h"
#include "common/queue/suspect_gate.h"
#include "common/service/access.h"
#include "common/service/component.h"
#include "common/service/stage_metrics.h"
#include "common/stage/models.h"
#include "common/stage/runner.h"
#include "common/stage/stage_call.h"
#include "common/stage/worker.h"
#include "quern/v1/config.pb.h"

namespace quern::stage {

struct StageComponentOptions {
  // As loaded, with its defaults filled.
  v1::WorkerConfig worker;
  queue::RedisOptions redis;
  // All other consumers are known to be dead (a private Redis): their work is taken over at once.
  bool take_over = false;
  // One per process, shared by all its stages; outlives the component. Null: the component has its own.
  queue::SuspectGate* gate = nullptr;
  // One per process, shared by all its stages; outlives the component. Null: the component has its own.
  Models* models = nullptr;
  // One per process, shared by all its stages. Null: the component has its own, worker.threads of them.
  std::shared_ptr<boost::asio::thread_pool> threads;
  // Of the component's own models; null: replies are not kept.
  std::shared_ptr<llm::ReplyCache> replies;
  // Of the component's own models: the configuration's models.key_dir.
  std::string key_dir;
  // Outlives the component. Required.
  service::Metrics* metrics = nullptr;
  // Who may call. Outlives the component.
  const service::Access* access = &service::Access::Everybody();
};

// One stage as a part of a process: its RPC service and its worker, which run the same logic. See
// services/*/…_service.h for the four of them.
class StageComponent : public service::Component {
 public:
  // Makes the stage's RPC service. What `server` names outlives it.
  using MakeService = std::function<std::unique_ptr<grpc::Service>(const StageServer& server)>;

  // Makes the stage for a job; `models` outlives it.
  using MakeStage = std::function<absl::StatusOr<std::shared_ptr<Stage>>(const v1::JobSpec& spec, llm::Hub* models)>;

  StageComponent(v1::StageName stage, const MakeStage& make_stage, const MakeService& make_service,
                 StageComponentOptions options);
  ~StageComponent() override;

  std::vector<grpc::Service*> Services() override;
  absl::Status Start() override;
  // Its RPCs never do.
  bool NeedsRedis() const override { return options_.worker.enabled(); }
  void Drain(absl::Duration grace) override;

  // Null until Start, or where the worker is disabled.
  const Worker* worker() const { return worker_.get(); }

 private:
  const StageComponentOptions options_;
  queue::SuspectGate own_gate_;
  const std::unique_ptr<Models> own_models_;
  Models* const models_;
  service::StageMetrics metrics_;
  Runner runner_;
  std::unique_ptr<grpc::Service> service_;
  std::unique_ptr<Worker> worker_;
};

}  // namespace quern::stage

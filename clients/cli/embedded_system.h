#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/llm/call_observer.h"
#include "common/llm/reply_cache.h"
#include "common/queue/redis.h"

namespace grpc {
class Channel;
}  // namespace grpc

namespace quern::cli {

struct EmbeddedOptions {
  // Where nobody else uses this Redis (`exclusive`), what a killed run held is taken over at once.
  queue::RedisOptions redis;
  // Folder of the one job's dataset.
  std::string dataset_dir;
  // Items that each stage has under way at once; 0: the services' default.
  uint32_t items_at_once = 0;
  // Where other processes can reach the services and metrics, host:port; empty for nowhere.
  std::string listen;
  std::string metrics = "off";
  // Null: replies are not kept. Shared with the command, which opens it before anything begins.
  std::shared_ptr<llm::ReplyCache> replies;
  // Is told of every call; outlives the system. Null: nobody.
  llm::CallObserver* observer = nullptr;
};

// All five services of Quern in this process, behind one server. Thread-compatible.
class EmbeddedSystem {
 public:
  // Serves RPCs; Redis is touched only where they ask for it. Errors: an address in use, a configuration that cannot
  // work.
  static absl::StatusOr<std::unique_ptr<EmbeddedSystem>> Start(EmbeddedOptions options);
  // Drains with no grace.
  ~EmbeddedSystem();

  // Starts to take work from the queue, by the specs that the jobs have then, and to write datasets.
  absl::Status Work();

  // Leads to PipelineService and the four stages, without a network.
  std::shared_ptr<grpc::Channel> channel() const;

  // Starts no more work and waits up to `grace` for what is under way; the rest stays in Redis. Idempotent.
  void Drain(absl::Duration grace);

 private:
  struct Parts;
  explicit EmbeddedSystem(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace quern::cli

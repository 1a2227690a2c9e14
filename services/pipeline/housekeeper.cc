#include "services/pipeline/housekeeper.h"

#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "common/base/error.h"
#include "common/base/log.h"
#include "common/queue/redis_safety.h"
#include "services/pipeline/dataset_folder.h"
#include "services/pipeline/names.h"

namespace quern::pipeline {
namespace {

constexpr absl::Duration kPause = absl::Seconds(5);
constexpr size_t kPage = 200;

bool IsExpired(const v1::Job& job, absl::Duration retention, absl::Time now) {
  if (job.state() != v1::JOB_STATE_COMPLETED && job.state() != v1::JOB_STATE_CANCELLED) return false;
  return job.has_finished_at() && absl::FromUnixSeconds(job.finished_at().seconds()) + retention < now;
}

}  // namespace

Housekeeper::Housekeeper(const PipelineOptions& options, service::JobMetrics* metrics)
    : options_(options), metrics_(metrics), store_(options.redis), redis_(options.redis) {}

Housekeeper::~Housekeeper() { Stop(); }

void Housekeeper::Start() {
  thread_ = std::thread([this] {
    do {
      const absl::Status status = Look(absl::Now());
      if (!status.ok()) LogWarning("cannot look after the jobs", {{"error", status}});
    } while (!stop_.WaitForNotificationWithTimeout(kPause));
  });
}

void Housekeeper::Stop() {
  if (!stop_.HasBeenNotified()) stop_.Notify();
  if (thread_.joinable()) thread_.join();
}

absl::Status Housekeeper::Look(absl::Time now) {
  std::vector<v1::Job> kept;
  std::string after;
  for (bool more = true; more;) {
    QUERN_ASSIGN_OR_RETURN(std::vector<v1::Job> page, store_.List(after, kPage));
    more = page.size() == kPage;
    for (v1::Job& job : page) {
      QUERN_ASSIGN_OR_RETURN(after, JobIdOf(job.name()));
      if (IsExpired(job, options_.retention, now) && IsFinal(DatasetPath(options_, after), job.state())) {
        QUERN_RETURN_IF_ERROR(store_.Delete(after));
        LogInfo("job left Redis after its retention", {{"job", after}});
      } else {
        kept.push_back(std::move(job));
      }
    }
  }
  metrics_->Set(kept);
  QUERN_ASSIGN_OR_RETURN(const queue::RedisCondition condition, queue::ReadCondition(redis_));
  metrics_->SetRedis(condition);
  return absl::OkStatus();
}

}  // namespace quern::pipeline

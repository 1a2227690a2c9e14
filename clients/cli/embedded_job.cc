#include "clients/cli/embedded_job.h"

#include <algorithm>
#include <memory>
#include <ostream>
#include <utility>

#include "absl/time/time.h"
#include "clients/cli/backoff.h"
#include "clients/cli/dead_letters.h"
#include "clients/cli/job_client.h"
#include "clients/cli/job_watcher.h"
#include "clients/cli/send_and_follow.h"
#include "common/base/error.h"
#include "common/queue/job_store.h"

namespace quern::cli {
namespace {

// A model call's 600 s and 30 s more: what is under way when a run is told to stop may finish.
constexpr absl::Duration kDrainGrace = absl::Seconds(630);
// A Redis of others may be loading its file.
constexpr absl::Duration kStartPatience = absl::Seconds(30);
constexpr absl::Duration kWatchInterval = absl::Milliseconds(250);

bool SameBudget(const v1::BudgetSpec& a, const v1::BudgetSpec& b) {
  return a.max_tokens() == b.max_tokens() && a.max_cost() == b.max_cost();
}

// With both caps set, so that one which is gone from the spec is lifted.
v1::BudgetSpec WholeBudget(v1::BudgetSpec budget) {
  budget.set_max_tokens(budget.max_tokens());
  budget.set_max_cost(budget.max_cost());
  return budget;
}

// Creates the job, or finds the one of an earlier run, and sets it going.
absl::StatusOr<v1::Job> StartJob(JobClient& client, const std::string& name, const v1::JobSpec& spec,
                                 std::stop_token stop) {
  Backoff backoff({absl::Milliseconds(100), absl::Seconds(2), kStartPatience}, stop);
  while (true) {
    absl::StatusOr<v1::Job> job = client.Create(name, spec);
    // The spec's budget may have been raised since an earlier run.
    const bool resume = job.ok() && (job->state() == v1::JOB_STATE_PAUSED || !SameBudget(job->budget(), spec.budget()));
    if (resume && !Ended(*job)) job = client.Resume(name, WholeBudget(spec.budget()));
    if (job.ok()) return job;
    QUERN_RETURN_IF_ERROR(backoff.Wait(job.status()));
  }
}

// The job as it is then.
absl::StatusOr<v1::Job> Redrive(JobClient& client, const std::string& name, ProgressDisplay& display) {
  v1::RedriveDeadLettersRequest request;
  request.set_name(JobName(name));
  QUERN_ASSIGN_OR_RETURN(const v1::RedriveDeadLettersResponse done, client.RedriveDeadLetters(request));
  display.Say(RedriveText(done));
  return client.Get(name);
}

// Calls that were under way when the job paused were answered and paid since. Once the system is gone Redis knows of
// all.
void AddWhatCameSince(const queue::RedisOptions& redis, const std::string& id, v1::Job* job) {
  const absl::StatusOr<v1::Job> now = queue::JobStore(redis).Get(id);
  if (!now.ok()) return;
  *job->mutable_counts() = now->counts();
  *job->mutable_usage() = now->usage();
}

// Enough that the models' own limits are what holds calls back, and that batches fill; without a model 0, the services'
// default.
uint32_t ItemsAtOnce(const v1::JobSpec& spec) {
  constexpr uint32_t kLeast = 256;
  constexpr uint32_t kMost = 16384;
  // What waits in batches costs its memory alone.
  constexpr uint32_t kMostInBatches = 65536;
  uint64_t calls = 0;
  bool in_batches = false;
  for (const v1::ModelSpec& model : spec.models()) {
    // Twice: one batch is worked off while the next one fills.
    const uint64_t each = model.has_batch() ? 2 * model.batch().max_calls() : model.max_concurrency();
    calls += each * static_cast<uint64_t>(model.base_urls_size());
    in_batches = in_batches || model.has_batch();
  }
  return calls == 0 ? 0
                    : static_cast<uint32_t>(std::clamp<uint64_t>(calls, kLeast, in_batches ? kMostInBatches : kMost));
}

// The job as it was when it was left. The system lives no longer than this.
absl::StatusOr<v1::Job> WorkOff(const EmbeddedOptions& embedded, const v1::JobSpec& spec, const dataset::Corpus& corpus,
                                const EmbeddedJobOptions& options, ProgressDisplay& display, const Console& console) {
  QUERN_ASSIGN_OR_RETURN(const std::unique_ptr<EmbeddedSystem> system, EmbeddedSystem::Start(embedded));
  JobClient client(system->channel());
  // The job first: an earlier run's, whose spec is corrected by this one's, must not go on by the old one.
  absl::StatusOr<v1::Job> job = StartJob(client, options.job, spec, console.interrupt);
  if (job.ok()) QUERN_RETURN_IF_ERROR(system->Work());
  if (job.ok() && options.redrive) job = Redrive(client, options.job, display);
  SendAndFollowOptions follow;
  follow.submission.limit = options.limit;
  follow.command = options.command;
  follow.interval = kWatchInterval;
  if (job.ok()) job = SendAndFollow(system->channel(), *job, corpus, follow, display, console.interrupt);
  if (console.interrupt.stop_requested() && !job.ok()) {
    *console.err << "stopping: finishing what is under way (again to stop at once)" << std::endl;
  }
  system->Drain(kDrainGrace);
  display.Finish();
  return job;
}

}  // namespace

absl::StatusOr<v1::Job> RunEmbeddedJob(EmbeddedOptions embedded, const v1::JobSpec& spec, const dataset::Corpus& corpus,
                                       const EmbeddedJobOptions& options, ProgressDisplay& display,
                                       const Console& console) {
  embedded.items_at_once = ItemsAtOnce(spec);
  absl::StatusOr<v1::Job> job = WorkOff(embedded, spec, corpus, options, display, console);
  if (job.ok()) AddWhatCameSince(embedded.redis, options.job, &*job);
  return job;
}

}  // namespace quern::cli

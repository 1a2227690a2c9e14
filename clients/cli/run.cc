#include "clients/cli/run.h"

#include <algorithm>
#include <memory>
#include <ostream>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "clients/cli/backoff.h"
#include "clients/cli/embedded_system.h"
#include "clients/cli/exit_code.h"
#include "clients/cli/job_client.h"
#include "clients/cli/job_text.h"
#include "clients/cli/job_watcher.h"
#include "clients/cli/private_redis.h"
#include "clients/cli/progress_display.h"
#include "clients/cli/reply_cache_option.h"
#include "clients/cli/run_output.h"
#include "clients/cli/run_state.h"
#include "clients/cli/send_and_follow.h"
#include "common/base/config/job_spec.h"
#include "common/base/error.h"
#include "common/base/log.h"
#include "common/dataset/corpus.h"
#include "common/dataset/dataset_folder.h"
#include "common/dataset/manifest.h"
#include "common/queue/job_store.h"

namespace quern::cli {
namespace {

// A model call's 600 s and 30 s more: what is under way when a run is told to stop may finish.
constexpr absl::Duration kDrainGrace = absl::Seconds(630);
// A Redis of others may be loading its file.
constexpr absl::Duration kStartPatience = absl::Seconds(30);
constexpr absl::Duration kWatchInterval = absl::Milliseconds(250);

bool IsPrivate(const RunOptions& options) { return options.redis.empty(); }

// This process's sink writes every job of its Redis into one folder, so nobody else's may be there.
absl::Status CheckRedisIsOurs(const queue::RedisOptions& redis, const std::string& job_id) {
  QUERN_ASSIGN_OR_RETURN(const std::vector<std::string> active, queue::JobStore(redis).Active());
  for (const std::string& other : active) {
    if (other == job_id) continue;
    return MakeError(absl::StatusCode::kFailedPrecondition, "REDIS_IN_USE",
                     absl::StrCat("--redis: job '", other,
                                  "' works there; give run a database of its own (?db=N), or use "
                                  "quern submit"));
  }
  return absl::OkStatus();
}

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
absl::StatusOr<v1::Job> StartJob(JobClient& client, const RunOptions& options, const v1::JobSpec& spec,
                                 std::stop_token stop) {
  Backoff backoff({absl::Milliseconds(100), absl::Seconds(2), kStartPatience}, stop);
  while (true) {
    absl::StatusOr<v1::Job> job = client.Create(options.job, spec);
    // The spec's budget may have been raised since an earlier run.
    const bool resume = job.ok() && (job->state() == v1::JOB_STATE_PAUSED || !SameBudget(job->budget(), spec.budget()));
    if (resume && !Ended(*job)) job = client.Resume(options.job, WholeBudget(spec.budget()));
    if (job.ok()) return job;
    QUERN_RETURN_IF_ERROR(backoff.Wait(job.status()));
  }
}

// Enough that the models' own limits are what holds calls back; without a model 0, the services' default.
uint32_t ItemsAtOnce(const v1::JobSpec& spec) {
  constexpr uint32_t kLeast = 256;
  constexpr uint32_t kMost = 16384;
  uint64_t calls = 0;
  for (const v1::ModelSpec& model : spec.models()) {
    calls += uint64_t{model.max_concurrency()} * static_cast<uint64_t>(model.base_urls_size());
  }
  return calls == 0 ? 0 : static_cast<uint32_t>(std::clamp<uint64_t>(calls, kLeast, kMost));
}

bool OfStandardInput(const std::vector<std::string>& inputs) {
  return std::find(inputs.begin(), inputs.end(), "-") != inputs.end();
}

// Whether all that the manifest names is still there.
absl::Status CheckDataset(const std::string& dir) {
  QUERN_ASSIGN_OR_RETURN(const dataset::Manifest manifest, dataset::LoadManifest(dir));
  return dataset::CheckShards(dir, manifest);
}

void Report(const Console& console, const std::string& dir, const v1::Job& job) {
  *console.err << JobReport(job);
  const int code = ExitCodeFor(job);
  if (code == kExitDoneWithDeadLetters) {
    *console.err << "done, with dead letters: see " << dir << "/dead-letters (exit code 3)\n";
  } else if (code == kExitPaused) {
    *console.err << "paused; the same command resumes (exit code 5)\n";
  }
  *console.err << "look closer: quern inspect " << dir << std::endl;
  *console.out << dir << std::endl;
}

class RunCommand {
 public:
  RunCommand(const RunOptions& options, const Console& console) : options_(options), console_(console) {}

  absl::StatusOr<int> Execute() {
    QUERN_ASSIGN_OR_RETURN(const v1::JobSpec spec, LoadSpec(options_.spec, StagesRun::kHere));
    if (!OfStandardInput(options_.inputs)) {
      QUERN_RETURN_IF_ERROR(dataset::OpenCorpus(options_.inputs, {}).status());
    }
    QUERN_ASSIGN_OR_RETURN(replies_, OpenReplies(options_.reply_cache, spec, "run", console_));
    QUERN_ASSIGN_OR_RETURN(RunOutput output, OpenRunOutput(options_.output));
    InitLoggingToFile("quern", LogLevel::kInfo, options_.output + "/quern.log");
    QUERN_ASSIGN_OR_RETURN(const dataset::Corpus corpus, OpenRunInputs(options_.inputs, options_.output));
    RunState state = MakeRunState(options_.job, config::SpecHash(spec), options_.redis, corpus, options_.limit);
    if (output.found) {
      QUERN_RETURN_IF_ERROR(CheckSameRun(*output.found, state, options_.output));
      if (output.found->ended) {
        QUERN_RETURN_IF_ERROR(WithContext(CheckDataset(options_.output), "this run was complete"));
        *console_.err << "this run is complete already\n";
        if (OfStandardInput(options_.inputs)) {
          *console_.err
              << "quern run: warning: standard input was not read; for other documents name another --output\n";
        }
        // The folder may have been moved since.
        output.found->ended->set_dataset_path(options_.output);
        Report(console_, options_.output, *output.found->ended);
        return ExitCodeFor(*output.found->ended);
      }
      *console_.err << "resuming the run in " << options_.output << std::endl;
    } else {
      QUERN_RETURN_IF_ERROR(WriteRunState(options_.output, state));
    }
    for (const std::string& warning : corpus.warnings) *console_.err << "quern run: warning: " << warning << std::endl;
    return Work(spec, corpus, std::move(state));
  }

 private:
  absl::StatusOr<int> Work(const v1::JobSpec& spec, const dataset::Corpus& corpus, RunState state) {
    std::unique_ptr<PrivateRedis> redis;
    EmbeddedOptions embedded;
    if (IsPrivate(options_)) {
      QUERN_ASSIGN_OR_RETURN(redis, PrivateRedis::Start(options_.output + "/redis", console_.interrupt));
    }
    embedded.redis.url = redis != nullptr ? redis->url() : options_.redis;
    if (redis == nullptr) QUERN_RETURN_IF_ERROR(CheckRedisIsOurs(embedded.redis, options_.job));
    embedded.dataset_dir = options_.output;
    embedded.redis.exclusive = redis != nullptr;
    embedded.items_at_once = ItemsAtOnce(spec);
    embedded.listen = options_.listen;
    embedded.metrics = options_.metrics;
    embedded.replies = replies_;
    QUERN_ASSIGN_OR_RETURN(const std::unique_ptr<EmbeddedSystem> system, EmbeddedSystem::Start(embedded));

    ProgressDisplay::Options display_options;
    display_options.quiet = options_.quiet;
    ProgressDisplay display(console_, display_options);
    JobClient client(system->channel());
    absl::StatusOr<v1::Job> job = StartJob(client, options_, spec, console_.interrupt);
    SendAndFollowOptions follow;
    follow.submission.limit = options_.limit;
    follow.command = "quern run";
    follow.interval = kWatchInterval;
    if (job.ok()) job = SendAndFollow(system->channel(), *job, corpus, follow, display, console_.interrupt);
    if (console_.interrupt.stop_requested() && !job.ok()) {
      *console_.err << "stopping: finishing what is under way (again to stop at once)" << std::endl;
    }
    system->Drain(kDrainGrace);
    display.Finish();
    QUERN_RETURN_IF_ERROR(job.status());
    if (Ended(*job)) {
      state.ended = *job;
      QUERN_RETURN_IF_ERROR(WriteRunState(options_.output, state));
    }
    Report(console_, options_.output, *job);
    return ExitCodeFor(*job);
  }

  const RunOptions& options_;
  const Console& console_;
  // Null: replies are not kept.
  std::shared_ptr<llm::ReplyCache> replies_;
};

}  // namespace

int Run(const RunOptions& options, const Console& console) {
  const absl::StatusOr<int> code = RunCommand(options, console).Execute();
  if (code.ok()) return *code;
  if (console.interrupt.stop_requested() && absl::IsCancelled(code.status())) {
    *console.err << "stopped; nothing is lost: the same command resumes" << std::endl;
    return InterruptedExitCode(console);
  }
  return Fail(console, "run", code.status());
}

}  // namespace quern::cli

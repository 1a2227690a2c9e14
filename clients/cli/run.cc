#include "clients/cli/run.h"

#include <algorithm>
#include <memory>
#include <ostream>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cli/embedded_job.h"
#include "clients/cli/embedded_system.h"
#include "clients/cli/exit_code.h"
#include "clients/cli/job_text.h"
#include "clients/cli/job_watcher.h"
#include "clients/cli/private_redis.h"
#include "clients/cli/progress_display.h"
#include "clients/cli/reply_cache_option.h"
#include "clients/cli/run_output.h"
#include "clients/cli/run_state.h"
#include "common/base/config/job_spec.h"
#include "common/base/error.h"
#include "common/base/log.h"
#include "common/dataset/corpus.h"
#include "common/dataset/dataset_folder.h"
#include "common/dataset/manifest.h"
#include "common/queue/job_store.h"

namespace quern::cli {
namespace {

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
    *console.err << "done, with dead letters: see " << dir << "/dead-letters (exit code 3); those that are redrivable "
                 << "are tried again by the same command with --redrive\n";
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
      QUERN_RETURN_IF_ERROR(CheckSameRun(*output.found, state, spec, options_.output));
      if (output.found->left && Ended(*output.found->left) && !options_.redrive) return TellEnd(*output.found);
      // From here on it is not as it was left any more, should it be killed.
      QUERN_RETURN_IF_ERROR(WriteRunState(options_.output, state));
      *console_.err << "resuming the run in " << options_.output << std::endl;
    } else {
      QUERN_RETURN_IF_ERROR(WriteRunState(options_.output, state));
    }
    for (const std::string& warning : corpus.warnings) *console_.err << "quern run: warning: " << warning << std::endl;
    return Work(spec, corpus, std::move(state));
  }

 private:
  // Of a run that has ended already.
  absl::StatusOr<int> TellEnd(const RunState& found) {
    QUERN_RETURN_IF_ERROR(WithContext(CheckDataset(options_.output), "this run was complete"));
    *console_.err << "this run is complete already\n";
    if (OfStandardInput(options_.inputs)) {
      *console_.err << "quern run: warning: standard input was not read; for other documents name another --output\n";
    }
    // The folder may have been moved since.
    v1::Job ended = *found.left;
    ended.set_dataset_path(options_.output);
    Report(console_, options_.output, ended);
    return ExitCodeFor(ended);
  }

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
    embedded.listen = options_.listen;
    embedded.metrics = options_.metrics;
    embedded.replies = replies_;

    ProgressDisplay::Options display_options;
    display_options.quiet = options_.quiet;
    ProgressDisplay display(console_, display_options);
    EmbeddedJobOptions job_options;
    job_options.job = options_.job;
    job_options.command = "quern run";
    job_options.limit = options_.limit;
    job_options.redrive = options_.redrive;
    const queue::RedisOptions redis_options = embedded.redis;
    const absl::StatusOr<v1::Job> job =
        RunEmbeddedJob(std::move(embedded), spec, corpus, job_options, display, console_);
    if (!job.ok()) {
      KeepInterrupted(redis_options, &state);
      return job.status();
    }
    state.left = *job;
    QUERN_RETURN_IF_ERROR(WriteRunState(options_.output, state));
    Report(console_, options_.output, *job);
    return ExitCodeFor(*job);
  }

  // For `quern inspect`, which asks no Redis: how far the run came, and what it has spent.
  void KeepInterrupted(const queue::RedisOptions& redis, RunState* state) const {
    absl::StatusOr<v1::Job> job = queue::JobStore(redis).Get(options_.job);
    // One that has just ended is left to the next run, which sees its dataset through.
    if (!job.ok() || Ended(*job)) return;
    state->left = *std::move(job);
    const absl::Status written = WriteRunState(options_.output, *state);
    if (!written.ok()) LogWarning("cannot keep how the run stands", {{"error", written}});
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

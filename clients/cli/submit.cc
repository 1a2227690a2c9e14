#include "clients/cli/submit.h"

#include <memory>
#include <ostream>
#include <utility>

#include "clients/cli/channel.h"
#include "clients/cli/exit_code.h"
#include "clients/cli/job_client.h"
#include "clients/cli/job_text.h"
#include "clients/cli/job_watcher.h"
#include "clients/cli/progress_display.h"
#include "clients/cli/send_and_follow.h"
#include "common/base/error.h"
#include "common/dataset/corpus.h"

namespace quern::cli {
namespace {

// Standard input cannot be read twice, so it needs a place; `run` has one, a client has none.
absl::Status RefuseStandardInput(const std::vector<std::string>& inputs) {
  for (const std::string& input : inputs) {
    if (input != "-") continue;
    return MakeError(absl::StatusCode::kInvalidArgument, "USAGE",
                     "submit cannot read standard input, which could not be sent again after a lost connection; "
                     "write it to a file first");
  }
  return absl::OkStatus();
}

ProgressDisplay::Options DisplayOptions(bool quiet) {
  ProgressDisplay::Options options;
  options.quiet = quiet;
  return options;
}

absl::StatusOr<int> SubmitAndFollow(const SubmitOptions& options, const Console& console) {
  QUERN_RETURN_IF_ERROR(RefuseStandardInput(options.inputs));
  QUERN_ASSIGN_OR_RETURN(const v1::JobSpec spec, LoadSpec(options.spec, StagesRun::kOnServers));
  QUERN_ASSIGN_OR_RETURN(const dataset::Corpus corpus, dataset::OpenCorpus(options.inputs, {}));
  for (const std::string& warning : corpus.warnings) *console.err << "quern submit: warning: " << warning << std::endl;
  QUERN_ASSIGN_OR_RETURN(const std::shared_ptr<grpc::Channel> channel, OpenChannel(options.server));
  JobClient client(channel);
  QUERN_ASSIGN_OR_RETURN(const v1::Job job, client.Create(options.job, spec));

  SendAndFollowOptions follow;
  follow.submission.limit = options.limit;
  if (job.input_closed()) {
    SubmissionOptions again = follow.submission;
    again.even_when_closed = true;
    QUERN_RETURN_IF_ERROR(SubmitCorpus(channel, job, corpus, again, {}, {}, console.interrupt));
  }
  ProgressDisplay display(console, DisplayOptions(options.quiet));
  follow.command = "quern submit";
  follow.to_the_end = options.watch;
  follow.pause_ends = false;
  const absl::StatusOr<v1::Job> last = SendAndFollow(channel, job, corpus, follow, display, console.interrupt);
  display.Finish();
  QUERN_RETURN_IF_ERROR(last.status());
  const bool paused = last->state() == v1::JOB_STATE_PAUSED;
  if (paused && !last->input_closed()) {
    *console.err << JobTitle(*last) << ": it took only a part of the documents; once it is resumed (quern resume "
                 << JobId(job.name()) << "), this command sends the rest" << std::endl;
    return ExitCodeFor(*last);
  }
  if (options.watch) {
    *console.err << JobReport(*last) << std::flush;
    return ExitCodeFor(*last);
  }
  *console.err << "submitted as job " << JobId(job.name()) << "; follow it with: quern watch " << JobId(job.name())
               << std::endl;
  if (paused) {
    *console.err << "the job is paused; to start it: quern resume " << JobId(job.name()) << std::endl;
  }
  return kExitDone;
}

absl::StatusOr<int> FollowOnly(const WatchCommandOptions& options, const Console& console) {
  QUERN_ASSIGN_OR_RETURN(const std::shared_ptr<grpc::Channel> channel, OpenChannel(options.server));
  // An unknown job or server is told at once; only what worked before is waited for.
  QUERN_RETURN_IF_ERROR(JobClient(channel).Get(options.job).status());
  ProgressDisplay display(console, DisplayOptions(options.quiet));
  const auto update = [&display](const v1::WatchJobResponse& watch) { display.Update(watch); };
  const absl::StatusOr<v1::Job> ended = WatchJob(channel, options.job, {}, update, EndedOrStuck, console.interrupt);
  display.Finish();
  QUERN_RETURN_IF_ERROR(ended.status());
  *console.err << JobReport(*ended) << std::flush;
  return ExitCodeFor(*ended);
}

int Finish(const char* command, const absl::StatusOr<int>& code, const char* when_interrupted, const Console& console) {
  if (code.ok()) return *code;
  if (!console.interrupt.stop_requested()) return Fail(console, command, code.status());
  *console.err << when_interrupted << std::endl;
  return InterruptedExitCode(console);
}

}  // namespace

int Submit(const SubmitOptions& options, const Console& console) {
  return Finish("submit", SubmitAndFollow(options, console),
                "stopped; what was sent stays, and the same command goes on with the rest", console);
}

int Watch(const WatchCommandOptions& options, const Console& console) {
  return Finish("watch", FollowOnly(options, console), "the job goes on without you", console);
}

}  // namespace quern::cli

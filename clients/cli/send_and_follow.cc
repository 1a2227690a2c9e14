#include "clients/cli/send_and_follow.h"

#include <thread>

#include "clients/cli/job_watcher.h"
#include "common/base/error.h"

namespace quern::cli {

absl::StatusOr<v1::Job> SendAndFollow(const std::shared_ptr<grpc::Channel>& channel, const v1::Job& job,
                                      const dataset::Corpus& corpus, const SendAndFollowOptions& options,
                                      ProgressDisplay& display, std::stop_token stop) {
  // Whoever of the two ends first, or a signal, ends the other: a job that is stuck takes no more input.
  std::stop_source over;
  const std::stop_callback interrupted(stop, [&over] { over.request_stop(); });
  absl::StatusOr<v1::Job> ended = absl::CancelledError("interrupted");
  std::thread watcher([&] {
    const auto update = [&display](const v1::WatchJobResponse& watch) { display.Update(watch); };
    WatchOptions watch;
    watch.interval = options.interval;
    ended = WatchJob(channel, job.name(), watch, update, EndedOrStuck, over.get_token());
    over.request_stop();
  });
  const auto progress = [&display](const InputProgress& input) { display.SetInput(input); };
  const auto warn = [&](const std::string& warning) { display.Say(options.command + ": warning: " + warning); };
  const absl::Status sent = SubmitCorpus(channel, job, corpus, options.submission, progress, warn, over.get_token());
  const bool enough = ErrorReason(sent) == "TARGET_REACHED";
  if (!enough && (!sent.ok() || !options.to_the_end)) over.request_stop();
  watcher.join();
  if (enough) return ended.ok() ? ended : sent;
  if (sent.ok() && !options.to_the_end) return ended.ok() ? ended : job;
  // How a job ended says more than that it took no more input, and an error of sending more than that nobody watched.
  if (!ended.ok() && !sent.ok() && !absl::IsCancelled(sent)) return sent;
  return ended;
}

}  // namespace quern::cli

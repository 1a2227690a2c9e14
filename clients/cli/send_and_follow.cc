#include "clients/cli/send_and_follow.h"

#include <atomic>
#include <thread>

#include "absl/time/clock.h"
#include "clients/cli/job_watcher.h"
#include "common/base/error.h"

namespace quern::cli {
namespace {

// How long a paused job may take no document before nobody waits for it any more: it is full.
constexpr absl::Duration kPatience = absl::Seconds(10);

}  // namespace

absl::StatusOr<v1::Job> SendAndFollow(const std::shared_ptr<grpc::Channel>& channel, const v1::Job& job,
                                      const dataset::Corpus& corpus, const SendAndFollowOptions& options,
                                      ProgressDisplay& display, std::stop_token stop) {
  // Whoever of the two ends first, or a signal, ends the other: a job that is stuck takes no more input.
  std::stop_source over;
  const std::stop_callback interrupted(stop, [&over] { over.request_stop(); });
  absl::StatusOr<v1::Job> ended = absl::CancelledError("interrupted");
  std::atomic<bool> all_sent = false;
  std::atomic<int64_t> moved_at_ms = absl::ToUnixMillis(absl::Now());
  std::thread watcher([&] {
    const auto update = [&display](const v1::WatchJobResponse& watch) { display.Update(watch); };
    WatchOptions watch;
    watch.interval = options.interval;
    const auto done = [&](const v1::Job& now) {
      if (Ended(now)) return true;
      return EndedOrStuck(now) &&
             (options.pause_ends || all_sent || absl::Now() - absl::FromUnixMillis(moved_at_ms) > kPatience);
    };
    ended = WatchJob(channel, job.name(), watch, update, done, over.get_token());
    over.request_stop();
  });
  InputProgress before;
  const auto progress = [&](const InputProgress& input) {
    display.SetInput(input);
    if (input.bytes_read == before.bytes_read && input.sources_sent == before.sources_sent) return;
    before = input;
    moved_at_ms = absl::ToUnixMillis(absl::Now());
  };
  const auto warn = [&](const std::string& warning) { display.Say(options.command + ": warning: " + warning); };
  const absl::Status sent = SubmitCorpus(channel, job, corpus, options.submission, progress, warn, over.get_token());
  all_sent = sent.ok();
  const bool enough = ErrorReason(sent) == "TARGET_REACHED";
  if (!enough && (!sent.ok() || !options.to_the_end)) over.request_stop();
  watcher.join();
  if (enough) return ended.ok() ? ended : sent;
  if (sent.ok() && !options.to_the_end) {
    v1::Job last = ended.ok() ? *ended : job;
    last.set_input_closed(true);
    return last;
  }
  // How a job ended says more than that it took no more input, and an error of sending more than that nobody watched.
  if (!ended.ok() && !sent.ok() && !absl::IsCancelled(sent)) return sent;
  return ended;
}

}  // namespace quern::cli

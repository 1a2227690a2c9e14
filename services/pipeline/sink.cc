#include "services/pipeline/sink.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "common/base/error.h"
#include "common/base/log.h"
#include "common/queue/document_codec.h"
#include "services/pipeline/dataset_folder.h"
#include "services/pipeline/job_states.h"
#include "services/pipeline/names.h"

namespace quern::pipeline {
namespace {

// Between rounds that found nothing to do. A result waits up to this much longer than its durability needs.
constexpr absl::Duration kRoundPause = absl::Milliseconds(100);
// While there is always something to do, how often to look for new jobs.
constexpr absl::Duration kLookPause = absl::Seconds(1);
// Between tries while something hinders a job, doubling.
constexpr absl::Duration kFirstPause = absl::Milliseconds(500);
constexpr absl::Duration kLongestPause = absl::Seconds(15);
constexpr size_t kPage = 200;

}  // namespace

Sink::Sink(const PipelineOptions& options, service::JobMetrics* metrics)
    : options_(options), metrics_(metrics), store_(options.redis), clock_(options.redis) {}

Sink::~Sink() { Stop(absl::InfinitePast()); }

void Sink::Start() {
  thread_ = std::thread([this] { Run(); });
}

void Sink::Stop(absl::Time deadline) {
  {
    absl::MutexLock lock(&mutex_);
    if (!stopping_) stop_deadline_ = deadline;
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

void Sink::Wake() {
  absl::MutexLock lock(&mutex_);
  woken_ = true;
}

void Sink::Release(const std::string& job_id) {
  absl::MutexLock round(&round_mutex_);
  Close(job_id);
  ended_.erase(job_id);
  absl::MutexLock lock(&mutex_);
  hindered_.erase(job_id);
  final_.erase(job_id);
}

std::string Sink::Hindrance(const std::string& job_id) const {
  absl::MutexLock lock(&mutex_);
  const auto found = hindered_.find(job_id);
  return found == hindered_.end() ? "" : found->second.message;
}

bool Sink::IsFinal(const std::string& job_id, v1::JobState state) {
  {
    absl::MutexLock lock(&mutex_);
    if (open_.contains(job_id)) return false;
    const auto found = final_.find(job_id);
    if (found != final_.end()) return found->second == state;
  }
  if (!pipeline::IsFinal(DatasetPath(options_, job_id), state)) return false;
  absl::MutexLock lock(&mutex_);
  final_.emplace(job_id, state);
  return true;
}

void Sink::Run() {
  const auto due = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return woken_ || stopping_; };
  while (true) {
    absl::Status status;
    {
      absl::MutexLock round(&round_mutex_);
      status = Round();
      if (!status.ok()) {
        // What was read is forgotten: after an outage Redis may know less than it did.
        while (!jobs_.empty()) Close(jobs_.begin()->first);
        find_ended_ = true;
      }
    }
    if (!status.ok()) LogWarning("the sink waits for Redis", {{"error", status}});
    absl::MutexLock lock(&mutex_);
    mutex_.AwaitWithTimeout(absl::Condition(&due), status.ok() ? kRoundPause : kFirstPause);
    woken_ = false;
    if (stopping_) break;
  }
  absl::MutexLock round(&round_mutex_);
  CommitAll();
  while (!jobs_.empty()) Close(jobs_.begin()->first);
}

absl::Status Sink::Round() {
  if (find_ended_) QUERN_RETURN_IF_ERROR(FindEnded());
  QUERN_ASSIGN_OR_RETURN(const std::vector<std::string> active, store_.Active());
  std::set<std::string> wanted(active.begin(), active.end());
  wanted.insert(ended_.begin(), ended_.end());
  QUERN_RETURN_IF_ERROR(OpenNew(wanted));

  queue::ForgetDocumentsUnusedSince(absl::Now() - queue::kDocumentsKept);
  const absl::Time look_again = absl::Now() + kLookPause;
  for (bool busy = true; busy && absl::Now() < look_again;) {
    busy = false;
    QUERN_ASSIGN_OR_RETURN(const int64_t durable_until_ms, clock_.DurableUntilMs());
    for (auto next = jobs_.begin(); next != jobs_.end();) {
      const auto job = next++;
      busy = Advance(job->first, job->second.get(), durable_until_ms) || busy;
    }
    absl::MutexLock lock(&mutex_);
    if (stopping_ || woken_) break;
  }
  return absl::OkStatus();
}

// Jobs that ended while nobody could finish their datasets: a process died in between, say.
absl::Status Sink::FindEnded() {
  std::string after;
  for (bool more = true; more;) {
    QUERN_ASSIGN_OR_RETURN(const std::vector<v1::Job> page, store_.List(after, kPage));
    more = page.size() == kPage;
    for (const v1::Job& job : page) {
      QUERN_ASSIGN_OR_RETURN(after, JobIdOf(job.name()));
      if (HasEnded(job.state()) && !IsFinal(after, job.state())) ended_.insert(after);
    }
  }
  find_ended_ = false;
  return absl::OkStatus();
}

absl::Status Sink::OpenNew(const std::set<std::string>& wanted) {
  const absl::Time now = absl::Now();
  for (const std::string& id : wanted) {
    if (jobs_.contains(id) || !MayTry(id, now)) continue;
    const absl::StatusOr<v1::Job> job = store_.Get(id);
    if (absl::IsNotFound(job.status())) {
      ended_.erase(id);
      continue;
    }
    QUERN_RETURN_IF_ERROR(job.status());
    auto opened = JobSink::Open(options_, *job, &store_, &clock_, metrics_);
    if (!opened.ok()) {
      SetHindrance(id, opened.status());
      continue;
    }
    jobs_.emplace(id, *std::move(opened));
    absl::MutexLock lock(&mutex_);
    open_.insert(id);
    final_.erase(id);
  }
  return absl::OkStatus();
}

// Moves one job by a round; true when it may have more to do at once. May remove it from jobs_.
bool Sink::Advance(std::string id, JobSink* job, int64_t durable_until_ms) {
  const auto progress = job->Step(durable_until_ms, absl::Now());
  if (!progress.ok()) {
    SetHindrance(id, progress.status());
    Close(id);
    // It may be a job that ended just now and that nobody would open again.
    find_ended_ = true;
    return false;
  }
  // Not while anything waits to be written: that is where a full disk shows.
  if (job->caught_up()) ClearHindrance(id);
  switch (*progress) {
    case JobSink::Progress::kIdle:
      return false;
    case JobSink::Progress::kBusy:
      return true;
    case JobSink::Progress::kFinal: {
      absl::MutexLock lock(&mutex_);
      final_[id] = job->final_state();
      break;
    }
    case JobSink::Progress::kGone:
      break;
  }
  Close(id);
  ended_.erase(id);
  return false;
}

// Takes the id by value: callers pass the key that goes away.
void Sink::Close(std::string id) {
  jobs_.erase(id);
  absl::MutexLock lock(&mutex_);
  open_.erase(id);
}

void Sink::CommitAll() {
  for (auto& [id, job] : jobs_) {
    {
      absl::MutexLock lock(&mutex_);
      if (absl::Now() >= stop_deadline_) return;
    }
    const absl::Status status = job->CommitAll();
    if (!status.ok()) LogWarning("what was read stays in Redis", {{"job", id}, {"error", status}});
  }
}

bool Sink::MayTry(const std::string& job_id, absl::Time now) const {
  absl::MutexLock lock(&mutex_);
  const auto found = hindered_.find(job_id);
  return found == hindered_.end() || now >= found->second.again_at;
}

void Sink::SetHindrance(const std::string& job_id, const absl::Status& status) {
  LogError("a dataset cannot be written; will try again", {{"job", job_id}, {"error", status}});
  absl::MutexLock lock(&mutex_);
  Hindered& hindered = hindered_[job_id];
  hindered.pause = hindered.message.empty() ? kFirstPause : std::min(hindered.pause * 2, kLongestPause);
  hindered.message = "the dataset cannot be written: " + std::string(status.message());
  hindered.again_at = absl::Now() + hindered.pause;
}

void Sink::ClearHindrance(const std::string& job_id) {
  absl::MutexLock lock(&mutex_);
  hindered_.erase(job_id);
}

}  // namespace quern::pipeline

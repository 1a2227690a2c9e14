#include "common/stage/runner.h"

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <exception>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/base/error.h"
#include "common/base/log.h"
#include "common/stage/stage_cache.h"

namespace quern::stage {
namespace {

// Jobs that one process serves at a time, and specs that people try by RPC.
constexpr size_t kStagesKept = 64;

Outcome EnvironmentFault(absl::StatusCode code, std::string_view reason, std::string_view message) {
  return Fault{Fault::Of::kEnvironment, MakeError(code, reason, message)};
}

service::StageMetrics::Outcome MetricOf(const Outcome& outcome) {
  using Kind = service::StageMetrics::Outcome;
  if (std::holds_alternative<Advance>(outcome)) return Kind::kAdvanced;
  if (std::holds_alternative<Reject>(outcome)) return Kind::kRejected;
  switch (std::get<Fault>(outcome).of) {
    case Fault::Of::kItem:
      return Kind::kItemFault;
    case Fault::Of::kEnvironment:
      return Kind::kEnvironmentFault;
    case Fault::Of::kJob:
      return Kind::kJobFault;
  }
  return Kind::kItemFault;
}

// The times of what ended now, where the stage says what it used: in the trace that it appended, or in its fault.
void SetTimes(v1::StageName stage, absl::Time begin, Outcome* outcome) {
  const auto set = [&](v1::StageTrace* trace) {
    trace->set_started_ms(absl::ToUnixMillis(begin));
    trace->set_ended_ms(absl::ToUnixMillis(absl::Now()));
  };
  if (auto* fault = std::get_if<Fault>(outcome)) return set(&fault->trace);
  if (auto* reject = std::get_if<Reject>(outcome)) return WithTraceOf(stage, &reject->item, set);
  for (v1::WorkItem& output : std::get<Advance>(*outcome).outputs) WithTraceOf(stage, &output, set);
}

}  // namespace

class Runner::Impl {
 public:
  Impl(v1::StageName name, StageFactory factory, std::shared_ptr<boost::asio::thread_pool> threads,
       service::StageMetrics* metrics)
      : name_(name), stages_(std::move(factory), kStagesKept), metrics_(metrics), threads_(std::move(threads)) {}

  ~Impl() {
    stopped_ = true;
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(
        +[](size_t* running) { return *running == 0; }, &running_));
  }

  v1::StageName name() const { return name_; }
  StageCache& stages() { return stages_; }

  void Run(std::shared_ptr<Stage> stage, StageInput input, Done done, absl::Time deadline) {
    {
      absl::MutexLock lock(&mutex_);
      ++running_;
    }
    boost::asio::co_spawn(*threads_, RunOne(std::move(stage), std::move(input), deadline),
                          [this, done = std::move(done)](const std::exception_ptr& error, Outcome outcome) {
                            // RunOne lets nothing through but a failed allocation, which nothing here survives either.
                            if (error != nullptr) std::terminate();
                            done(std::move(outcome));
                            absl::MutexLock lock(&mutex_);
                            --running_;
                          });
  }

 private:
  boost::asio::awaitable<Outcome> RunOne(std::shared_ptr<Stage> stage, StageInput input, absl::Time deadline) {
    const absl::Time begin = absl::Now();
    if (stopped_) {
      co_return EnvironmentFault(absl::StatusCode::kUnavailable, "DRAINING",
                                 "the process is stopping; repeat elsewhere");
    }
    if (begin > deadline) {
      co_return EnvironmentFault(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
                                 "the deadline passed before the stage could begin");
    }
    Outcome outcome;
    // What its processing takes away.
    const std::shared_ptr<const v1::Document> document = input.document;
    const std::string trace_id = input.trace.trace_id;
    try {
      outcome = co_await stage->Process(std::move(input));
    } catch (const std::exception& error) {
      // The exception's text may hold what it choked on, so only its type is told.
      outcome = Fault{Fault::Of::kItem,
                      MakeError(absl::StatusCode::kInternal, "INTERNAL_ERROR",
                                absl::StrFormat("stage %s failed unexpectedly: a fault of Quern, please report it",
                                                service::StageLabel(name_)))};
      LogError("a stage threw an exception", {{"stage", service::StageLabel(name_)},
                                              {"type", typeid(error).name()},
                                              {"document", document->id()},
                                              {"trace_id", trace_id}});
    }
    SetTimes(name_, begin, &outcome);
    metrics_->Processed(MetricOf(outcome), absl::Now() - begin);
    co_return outcome;
  }

  const v1::StageName name_;
  StageCache stages_;
  service::StageMetrics* const metrics_;
  std::atomic<bool> stopped_{false};
  absl::Mutex mutex_;
  // Queued ones too.
  size_t running_ ABSL_GUARDED_BY(mutex_) = 0;
  const std::shared_ptr<boost::asio::thread_pool> threads_;
};

Runner::Runner(v1::StageName stage, StageFactory factory, std::shared_ptr<boost::asio::thread_pool> threads,
               service::StageMetrics* metrics)
    : impl_(std::make_unique<Impl>(stage, std::move(factory), std::move(threads), metrics)) {}
Runner::~Runner() = default;

v1::StageName Runner::stage() const { return impl_->name(); }

absl::StatusOr<std::shared_ptr<Stage>> Runner::StageFor(const v1::JobSpec& resolved) {
  return impl_->stages().Get(resolved);
}

absl::StatusOr<std::shared_ptr<Stage>> Runner::StageFor(const std::shared_ptr<const v1::JobSpec>& spec) {
  return impl_->stages().Get(spec);
}

void Runner::Run(std::shared_ptr<Stage> stage, StageInput input, Done done, absl::Time deadline) {
  impl_->Run(std::move(stage), std::move(input), std::move(done), deadline);
}

}  // namespace quern::stage

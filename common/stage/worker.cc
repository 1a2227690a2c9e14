#include "common/stage/worker.h"

#include <random>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/base/absl_view.h"
#include "common/base/backoff.h"
#include "common/base/error.h"
#include "common/base/log.h"
#include "common/base/trace_context.h"

namespace quern::stage {
namespace {

std::string ReasonOf(const absl::Status& status) {
  std::string reason = ErrorReason(status);
  return reason.empty() ? absl::StatusCodeToString(status.code()) : reason;
}

TraceContext TraceOf(const queue::Delivery& delivery) {
  return TraceOfDocument(delivery.job(), delivery.item().document_id(), delivery.document()->traceparent());
}

v1::FailedAttempt AttemptOf(const v1::StageTrace& trace) {
  v1::FailedAttempt attempt;
  attempt.set_started_ms(trace.started_ms());
  attempt.set_ended_ms(trace.ended_ms());
  attempt.set_calls(trace.calls());
  attempt.set_input_tokens(trace.input_tokens());
  attempt.set_cached_tokens(trace.cached_tokens());
  attempt.set_output_tokens(trace.output_tokens());
  attempt.set_cost(trace.cost());
  return attempt;
}

}  // namespace

// Settling runs on the runner's threads, deliveries come on the consumer's. Invariants:
// 1. Every delivery is settled in Settle or handed back by its destructor.
// 2. `consumer_` is set under `mutex_` before any settling can use it.
// 3. The runner calls back into this object until `under_way_` is 0; destruction waits for that.
class Worker::Impl {
 public:
  Impl(const WorkerOptions& options, Runner* runner, service::StageMetrics* metrics)
      : runner_(runner),
        metrics_(metrics),
        backoff_(options.backoff_base, options.backoff_limit, std::random_device()()) {}

  ~Impl() {
    metrics_->ForgetConsumer();
    Drain(absl::ZeroDuration());
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(
        +[](int* under_way) { return *under_way == 0; }, &under_way_));
  }

  absl::Status Start(WorkerOptions options, queue::SuspectGate* gate) {
    absl::MutexLock lock(&mutex_);
    options.consumer.stage = runner_->stage();
    auto handler = [this](std::shared_ptr<const v1::JobSpec> spec, queue::Delivery delivery) {
      Take(spec, std::move(delivery));
    };
    QUERN_ASSIGN_OR_RETURN(consumer_,
                           queue::Consumer::Start(options.redis, options.consumer, gate, std::move(handler)));
    metrics_->WatchConsumer([consumer = consumer_.get()] { return consumer->stats(); });
    return absl::OkStatus();
  }

  void Drain(absl::Duration grace) {
    queue::Consumer* const consumer = Consumer();
    if (consumer != nullptr) consumer->Drain(grace);
  }

  queue::ConsumerStats stats() const { return consumer_->stats(); }

 private:
  void Take(const std::shared_ptr<const v1::JobSpec>& spec, queue::Delivery delivery) {
    auto stage = runner_->StageFor(spec);
    if (!stage.ok()) return Refuse(stage.status(), std::move(delivery));
    // Shared because a std::function must be copyable; it has one owner at a time.
    auto held = std::make_shared<queue::Delivery>(std::move(delivery));
    StageInput input(held->document(), held->TakeItem(), held->job());
    input.attempts = held->attempts();
    input.trace = TraceOf(*held);
    {
      absl::MutexLock lock(&mutex_);
      ++under_way_;
    }
    runner_->Run(*std::move(stage), std::move(input), [this, held](Outcome outcome) {
      Settle(std::move(*held), std::move(outcome));
      absl::MutexLock lock(&mutex_);
      --under_way_;
    });
  }

  void Settle(queue::Delivery delivery, Outcome outcome) {
    if (auto* fault = std::get_if<Fault>(&outcome)) {
      if (fault->of == Fault::Of::kItem) return ItemFault(std::move(*fault), std::move(delivery));
      if (fault->of == Fault::Of::kJob) return PauseJob(fault->status, std::move(delivery));
      return EnvironmentFault(fault->status, std::move(delivery));
    }
    delivery.hold().Succeeded();
    // What came before this attempt: its own delivery is no crash.
    const auto tell = [&](v1::StageTrace* trace) {
      trace->set_attempts(delivery.attempts());
      trace->set_deliveries(delivery.deliveries() - 1);
    };
    if (auto* advance = std::get_if<Advance>(&outcome)) {
      for (v1::WorkItem& output : advance->outputs) WithTraceOf(runner_->stage(), &output, tell);
      return std::move(delivery).Advance(std::move(advance->outputs));
    }
    auto& reject = std::get<Reject>(outcome);
    WithTraceOf(runner_->stage(), &reject.item, tell);
    std::move(delivery).Reject(std::move(reject.rejection), std::move(reject.item));
  }

  void ItemFault(Fault fault, queue::Delivery delivery) {
    const std::string reason = ReasonOf(fault.status);
    LogDebug("an attempt failed", {{"stage", service::StageLabel(runner_->stage())},
                                   {"reason", reason},
                                   {"attempts", delivery.attempts() + 1},
                                   {"final", fault.final},
                                   {"job", delivery.job()},
                                   {"document", delivery.item().document_id()},
                                   {"ordinal", delivery.item().ordinal()},
                                   {"trace_id", TraceOf(delivery).trace_id}});
    v1::FailedAttempt attempt = AttemptOf(fault.trace);
    std::string message(fault.status.message());
    if (fault.final) {
      return std::move(delivery).Die(reason, std::move(message), std::move(fault.reply), std::move(attempt));
    }
    metrics_->Retried(reason);
    const absl::Duration delay = backoff_.Next(delivery.attempts());
    std::move(delivery).Retry(delay, reason, std::move(message), std::move(fault.reply), std::move(attempt));
  }

  // No stage could be made of the job's spec.
  void Refuse(const absl::Status& status, queue::Delivery delivery) {
    const bool for_good = absl::IsInvalidArgument(status) || absl::IsUnimplemented(status);
    if (for_good) return PauseJob(status, std::move(delivery));
    EnvironmentFault(status, std::move(delivery));
  }

  void PauseJob(const absl::Status& status, queue::Delivery delivery) {
    std::move(delivery).PauseJob(
        absl::StrCat(AbslView(service::StageLabel(runner_->stage())), ": ", ReasonOf(status), ": ", status.message()));
  }

  // Costs the item nothing.
  void EnvironmentFault(const absl::Status& status, queue::Delivery delivery) {
    if (ReasonOf(status) != "DRAINING") {
      const absl::Duration hold = delivery.hold().Begin([this](uint32_t holds) { return backoff_.Next(holds); });
      if (hold > absl::ZeroDuration()) {
        LogWarning("environment at fault; taking no work of this job for a while",
                   {{"stage", service::StageLabel(runner_->stage())},
                    {"job", delivery.job()},
                    {"hold", hold},
                    {"error", status},
                    {"document", delivery.item().document_id()},
                    {"trace_id", TraceOf(delivery).trace_id}});
      }
    }
    std::move(delivery).HandBack();
  }

  queue::Consumer* Consumer() {
    absl::MutexLock lock(&mutex_);
    return consumer_.get();
  }

  Runner* const runner_;
  service::StageMetrics* const metrics_;
  Backoff backoff_;
  absl::Mutex mutex_;
  int under_way_ ABSL_GUARDED_BY(mutex_) = 0;
  std::unique_ptr<queue::Consumer> consumer_;
};

Worker::Worker(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Worker::~Worker() = default;

absl::StatusOr<std::unique_ptr<Worker>> Worker::Start(WorkerOptions options, Runner* runner, queue::SuspectGate* gate,
                                                      service::StageMetrics* metrics) {
  auto impl = std::make_unique<Impl>(options, runner, metrics);
  QUERN_RETURN_IF_ERROR(impl->Start(std::move(options), gate));
  return std::unique_ptr<Worker>(new Worker(std::move(impl)));
}

void Worker::Drain(absl::Duration grace) { impl_->Drain(grace); }

queue::ConsumerStats Worker::stats() const { return impl_->stats(); }

}  // namespace quern::stage

#include "services/pipeline/watch_stream.h"

#include <memory>
#include <utility>

#include "services/pipeline/rate_window.h"
#include "services/pipeline/stream_base.h"

namespace quern::pipeline {
namespace {

constexpr uint32_t kDefaultIntervalMs = 1000;
constexpr uint32_t kMinIntervalMs = 100;
constexpr uint32_t kMaxIntervalMs = 60'000;

using WatchReactor = grpc::ServerWriteReactor<v1::WatchJobResponse>;

class WatchStream final : public StreamBase<WatchReactor, v1::WatchJobResponse> {
 public:
  WatchStream(boost::asio::thread_pool* pool, ActiveStreams* active, Jobs* jobs, const v1::WatchJobRequest& request)
      : StreamBase(pool, active), jobs_(jobs), request_(request) {}

 private:
  void Started() final {
    if (request_.interval_ms() == 0) request_.set_interval_ms(kDefaultIntervalMs);
    if (request_.interval_ms() < kMinIntervalMs || request_.interval_ms() > kMaxIntervalMs) {
      return End(
          MakeError(absl::StatusCode::kInvalidArgument, "INVALID_INTERVAL", "interval_ms must be 0 or 100 to 60000"));
    }
    Tell();
  }

  void Tell() {
    absl::StatusOr<v1::Job> job = jobs_->Get(request_.name());
    if (!job.ok()) return End(job.status());
    const RateWindow::Rates rates = window_.Add(absl::Now(), job->counts());
    v1::WatchJobResponse response;
    response.set_documents_per_second(rates.documents_per_second);
    response.set_records_per_second(rates.records_per_second);
    if (rates.eta) response.set_eta_seconds(absl::ToDoubleSeconds(*rates.eta));
    job_ended_ = job->state() == v1::JOB_STATE_COMPLETED || job->state() == v1::JOB_STATE_CANCELLED ||
                 job->state() == v1::JOB_STATE_DELETING;
    *response.mutable_job() = *std::move(job);
    Write(std::move(response));
  }

  void Written() final {
    if (job_ended_) return End(absl::OkStatus());
    After(absl::Milliseconds(request_.interval_ms()), [this] { Tell(); });
  }

  Jobs* const jobs_;
  v1::WatchJobRequest request_;
  RateWindow window_;
  bool job_ended_ = false;
};

}  // namespace

WatchReactor* StartWatchStream(boost::asio::thread_pool* pool, ActiveStreams* active, Jobs* jobs,
                               const v1::WatchJobRequest& request) {
  const auto stream = std::make_shared<WatchStream>(pool, active, jobs, request);
  stream->Start();
  return stream.get();
}

}  // namespace quern::pipeline

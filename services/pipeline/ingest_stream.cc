#include "services/pipeline/ingest_stream.h"

#include <memory>
#include <utility>

#include "services/pipeline/ingest_session.h"
#include "services/pipeline/stream_base.h"

namespace quern::pipeline {
namespace {

// How often a full job is asked again, and how often durability is.
constexpr absl::Duration kFullPause = absl::Milliseconds(50);
constexpr absl::Duration kDurabilityPause = absl::Milliseconds(200);

using IngestReactor = grpc::ServerBidiReactor<v1::IngestDocumentsRequest, v1::IngestDocumentsResponse>;

class IngestStream final : public StreamBase<IngestReactor, v1::IngestDocumentsResponse> {
 public:
  IngestStream(boost::asio::thread_pool* pool, ActiveStreams* active, Jobs* jobs)
      : StreamBase(pool, active), jobs_(jobs) {}

  void OnReadDone(bool ok) final {
    Post([this, ok] { HandleRead(ok); });
  }

 private:
  void Started() final { StartRead(&request_); }

  void HandleRead(bool ok) {
    if (ended()) return;
    if (!ok) return InputEnded();
    absl::Status status = session_ == nullptr ? Open() : session_->Take(&request_);
    if (!status.ok()) return End(std::move(status));
    Store();
  }

  absl::Status Open() {
    QUERN_ASSIGN_OR_RETURN(const v1::Job job, jobs_->Get(request_.job()));
    QUERN_ASSIGN_OR_RETURN(session_, IngestSession::Open(jobs_->redis(), job, request_.source()));
    report_due_ = true;
    return session_->Take(&request_);
  }

  // Stores what was read; while the job is full it tries again and again and reads nothing.
  void Store() {
    const absl::StatusOr<bool> stored = session_->Store();
    if (!stored.ok()) return End(stored.status());
    waiting_ = !*stored;
    Report();
    if (waiting_) return After(kFullPause, [this] { Store(); });
    StartRead(&request_);
    WatchDurability();
  }

  void WatchDurability() {
    if (reported_.durable_position() == session_->accepted_position() && !report_due_) return;
    After(kDurabilityPause, [this] {
      Report();
      WatchDurability();
    });
  }

  void InputEnded() {
    if (session_ == nullptr) {
      return End(MakeError(absl::StatusCode::kInvalidArgument, "MISSING_FIRST_MESSAGE",
                           "the first message names the job and the source"));
    }
    input_ended_ = true;
    Report();
  }

  void Written() final {
    if (report_due_ || input_ended_) Report();
  }

  // Tells the client what has changed; what changes during a write is told after it.
  void Report() {
    if (ended()) return;
    const absl::StatusOr<uint64_t> durable = session_->DurablePosition();
    if (!durable.ok()) return End(durable.status());
    v1::IngestDocumentsResponse response;
    response.set_accepted_position(session_->accepted_position());
    response.set_durable_position(*durable);
    response.set_waiting(waiting_);
    const bool news = report_due_ || response.accepted_position() != reported_.accepted_position() ||
                      response.durable_position() != reported_.durable_position() ||
                      response.waiting() != reported_.waiting();
    report_due_ = news && writing();
    if (news && !writing()) {
      reported_ = response;
      Write(std::move(response));
    }
    if (input_ended_ && !report_due_) End(absl::OkStatus());
  }

  Jobs* const jobs_;
  std::unique_ptr<IngestSession> session_;
  v1::IngestDocumentsRequest request_;
  v1::IngestDocumentsResponse reported_;
  bool report_due_ = false;
  bool waiting_ = false;
  bool input_ended_ = false;
};

}  // namespace

IngestReactor* StartIngestStream(boost::asio::thread_pool* pool, ActiveStreams* active, Jobs* jobs) {
  const auto stream = std::make_shared<IngestStream>(pool, active, jobs);
  stream->Start();
  return stream.get();
}

}  // namespace quern::pipeline

#include "services/pipeline/records_stream.h"

#include <memory>
#include <string>
#include <utility>

#include "services/pipeline/names.h"
#include "services/pipeline/row_cursor.h"
#include "services/pipeline/stream_base.h"
#include "services/pipeline/token.h"

namespace quern::pipeline {
namespace {

// A message ends at this many bytes or records: with a record of ordinary size on top it stays under the 4 MiB that
// gRPC's clients take by default.
constexpr size_t kMessageBytes = 1 << 20;
constexpr int kMessageRecords = 1000;
// How often a follower looks for what is new.
constexpr absl::Duration kFollowPause = absl::Milliseconds(500);

using RecordsReactor = grpc::ServerWriteReactor<v1::ReadRecordsResponse>;

class RecordsStream final : public StreamBase<RecordsReactor, v1::ReadRecordsResponse> {
 public:
  RecordsStream(boost::asio::thread_pool* pool, ActiveStreams* active, Jobs* jobs,
                const v1::ReadRecordsRequest& request)
      : StreamBase(pool, active), jobs_(jobs), request_(request), scope_("ReadRecords " + request.name()) {}

 private:
  void Started() final {
    const absl::Status status = Open();
    if (!status.ok()) return End(status);
    Send();
  }

  absl::Status Open() {
    QUERN_ASSIGN_OR_RETURN(const std::string id, JobIdOf(request_.name()));
    dataset::RowPosition from;
    if (!request_.token().empty()) {
      QUERN_ASSIGN_OR_RETURN(const std::string payload, DecodeToken(scope_, request_.token()));
      QUERN_ASSIGN_OR_RETURN(from, PositionFromText(payload));
    }
    QUERN_RETURN_IF_ERROR(LookWhetherJobHasEnded());
    cursor_ = std::make_unique<RowCursor>(jobs_->dataset_path(id), dataset::RowKind::kRecords, from);
    return absl::OkStatus();
  }

  // Asked before the records are read: what is there when the job had ended is all there will be.
  absl::Status LookWhetherJobHasEnded() {
    const absl::StatusOr<v1::Job> job = jobs_->Get(request_.name());
    if (absl::IsNotFound(job.status()) && jobs_->HasDatasetOf(request_.name())) {
      job_ended_ = true;  // after its retention
      return absl::OkStatus();
    }
    QUERN_RETURN_IF_ERROR(job.status());
    job_ended_ = job->state() == v1::JOB_STATE_COMPLETED || job->state() == v1::JOB_STATE_CANCELLED ||
                 job->state() == v1::JOB_STATE_DELETING;
    return absl::OkStatus();
  }

  // Sends the next message, or ends, or waits.
  void Send() {
    v1::ReadRecordsResponse response;
    bool more = true;
    for (size_t bytes = 0; more && bytes < kMessageBytes && response.records_size() < kMessageRecords;) {
      const absl::StatusOr<bool> read = cursor_->Next(&record_);
      if (!read.ok()) return End(read.status());
      more = *read;
      if (!more) break;
      bytes += record_.ByteSizeLong();
      response.add_records()->Swap(&record_);
    }
    if (response.records_size() > 0) {
      response.set_token(EncodeToken(scope_, PositionToText(cursor_->position())));
      return Write(std::move(response));
    }
    if (!request_.follow() || job_ended_) return End(absl::OkStatus());
    After(kFollowPause, [this] {
      const absl::Status status = LookWhetherJobHasEnded();
      if (!status.ok()) return End(status);
      Send();
    });
  }

  void Written() final { Send(); }

  Jobs* const jobs_;
  const v1::ReadRecordsRequest request_;
  const std::string scope_;
  std::unique_ptr<RowCursor> cursor_;
  v1::RecordRow record_;
  bool job_ended_ = false;
};

}  // namespace

RecordsReactor* StartRecordsStream(boost::asio::thread_pool* pool, ActiveStreams* active, Jobs* jobs,
                                   const v1::ReadRecordsRequest& request) {
  const auto stream = std::make_shared<RecordsStream>(pool, active, jobs, request);
  stream->Start();
  return stream.get();
}

}  // namespace quern::pipeline

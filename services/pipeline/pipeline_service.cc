#include "services/pipeline/pipeline_service.h"

#include <grpcpp/server_context.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <utility>

#include "common/service/grpc_status.h"
#include "common/service/trace_metadata.h"
#include "quern/v1/pipeline.grpc.pb.h"
#include "services/pipeline/active_streams.h"
#include "services/pipeline/document_trace.h"
#include "services/pipeline/ingest_stream.h"
#include "services/pipeline/records_stream.h"
#include "services/pipeline/watch_stream.h"

namespace quern::pipeline {
namespace {

// Traces of documents at once.
constexpr size_t kTraces = 2;

// Longest conversion: four model calls in a row at their own limit of 600 s.
constexpr absl::Duration kMaxConversion = absl::Seconds(2400);

// The server's end of a stream that is refused. Owns itself.
template <class Reactor>
class RefusedStream final : public Reactor {
 public:
  explicit RefusedStream(const absl::Status& status) { this->Finish(service::ToGrpcStatus(status)); }
  void OnDone() final { delete this; }
};

}  // namespace

class PipelineService::Impl final : public v1::PipelineService::CallbackService {
 public:
  using Context = grpc::CallbackServerContext;
  using Reactor = grpc::ServerUnaryReactor;
  using Role = service::Role;
  using IngestReactor = grpc::ServerBidiReactor<v1::IngestDocumentsRequest, v1::IngestDocumentsResponse>;
  using WatchReactor = grpc::ServerWriteReactor<v1::WatchJobResponse>;
  using RecordsReactor = grpc::ServerWriteReactor<v1::ReadRecordsResponse>;

  Impl(Jobs* jobs, DeadLetters* dead_letters, const Converter* converter, const service::Access* access, size_t threads)
      : jobs_(*jobs),
        dead_letters_(*dead_letters),
        converter_(*converter),
        access_(*access),
        pool_(threads),
        converter_pool_(threads) {}
  ~Impl() final {
    trace_pool_.join();
    converter_pool_.join();
    pool_.join();
  }

  void Drain(absl::Duration grace) { active_.Drain(grace); }

  Reactor* CreateJob(Context* context, const v1::CreateJobRequest* request, v1::Job* response) final {
    return Answer(&pool_, Role::kSubmit, context, response, [this, request] { return jobs_.Create(*request); });
  }
  Reactor* GetJob(Context* context, const v1::GetJobRequest* request, v1::Job* response) final {
    return Answer(&pool_, Role::kRead, context, response, [this, request] { return jobs_.Get(request->name()); });
  }
  Reactor* ListJobs(Context* context, const v1::ListJobsRequest* request, v1::ListJobsResponse* response) final {
    return Answer(&pool_, Role::kRead, context, response, [this, request] { return jobs_.List(*request); });
  }
  Reactor* PauseJob(Context* context, const v1::PauseJobRequest* request, v1::Job* response) final {
    return Answer(&pool_, Role::kSubmit, context, response, [this, request] { return jobs_.Pause(request->name()); });
  }
  Reactor* ResumeJob(Context* context, const v1::ResumeJobRequest* request, v1::Job* response) final {
    return Answer(&pool_, Role::kSubmit, context, response, [this, request] { return jobs_.Resume(*request); });
  }
  Reactor* CancelJob(Context* context, const v1::CancelJobRequest* request, v1::Job* response) final {
    return Answer(&pool_, Role::kSubmit, context, response, [this, request] { return jobs_.Cancel(request->name()); });
  }
  Reactor* CloseInput(Context* context, const v1::CloseInputRequest* request, v1::Job* response) final {
    return Answer(&pool_, Role::kSubmit, context, response,
                  [this, request] { return jobs_.CloseInput(request->name()); });
  }
  Reactor* DeleteJob(Context* context, const v1::DeleteJobRequest* request, v1::DeleteJobResponse* response) final {
    return Answer(&pool_, Role::kAdmin, context, response, [this, request]() -> absl::StatusOr<v1::DeleteJobResponse> {
      const absl::Status status = jobs_.Delete(*request);
      if (!status.ok()) return status;
      return v1::DeleteJobResponse();
    });
  }
  Reactor* ListDeadLetters(Context* context, const v1::ListDeadLettersRequest* request,
                           v1::ListDeadLettersResponse* response) final {
    return Answer(&pool_, Role::kRead, context, response, [this, request] { return dead_letters_.List(*request); });
  }
  Reactor* RedriveDeadLetters(Context* context, const v1::RedriveDeadLettersRequest* request,
                              v1::RedriveDeadLettersResponse* response) final {
    return Answer(&pool_, Role::kSubmit, context, response,
                  [this, request] { return dead_letters_.Redrive(*request); });
  }
  Reactor* TraceDocument(Context* context, const v1::TraceDocumentRequest* request,
                         v1::TraceDocumentResponse* response) final {
    return Answer(&trace_pool_, Role::kRead, context, response, [this, context, request] {
      return pipeline::TraceDocument(jobs_, *request, [context] { return context->IsCancelled(); });
    });
  }
  Reactor* ConvertDocument(Context* context, const v1::ConvertDocumentRequest* request,
                           v1::ConvertDocumentResponse* response) final {
    const absl::Time deadline = std::min(absl::FromChrono(context->deadline()), absl::Now() + kMaxConversion);
    const TraceContext trace = service::TraceOfCall(*context, request->document().traceparent());
    return Answer(&converter_pool_, Role::kSubmit, context, response,
                  [this, request, trace, deadline] { return converter_.Convert(*request, trace, deadline); });
  }
  IngestReactor* IngestDocuments(Context* context) final {
    const absl::Status allowed = access_.Check(*context, Role::kSubmit);
    if (!allowed.ok()) return new RefusedStream<IngestReactor>(allowed);
    return StartIngestStream(&pool_, &active_, &jobs_);
  }
  WatchReactor* WatchJob(Context* context, const v1::WatchJobRequest* request) final {
    const absl::Status allowed = access_.Check(*context, Role::kRead);
    if (!allowed.ok()) return new RefusedStream<WatchReactor>(allowed);
    return StartWatchStream(&pool_, &active_, &jobs_, *request);
  }
  RecordsReactor* ReadRecords(Context* context, const v1::ReadRecordsRequest* request) final {
    const absl::Status allowed = access_.Check(*context, Role::kRead);
    if (!allowed.ok()) return new RefusedStream<RecordsReactor>(allowed);
    return StartRecordsStream(&pool_, &active_, &jobs_, *request);
  }

 private:
  // Runs `work`, which returns a StatusOr of `Response`, on `pool` and answers the call with what it returns; refuses
  // who lacks the role.
  template <class Response, class Work>
  Reactor* Answer(boost::asio::thread_pool* pool, Role role, Context* context, Response* response, Work work) {
    Reactor* const reactor = context->DefaultReactor();
    if (const absl::Status allowed = access_.Check(*context, role); !allowed.ok()) {
      reactor->Finish(service::ToGrpcStatus(allowed));
      return reactor;
    }
    boost::asio::post(*pool, [reactor, response, work = std::move(work)] {
      absl::StatusOr<Response> result = work();
      const absl::Status status = result.status();
      if (status.ok()) *response = *std::move(result);
      reactor->Finish(service::ToGrpcStatus(status));
    });
    return reactor;
  }

  Jobs& jobs_;
  DeadLetters& dead_letters_;
  const Converter& converter_;
  const service::Access& access_;
  ActiveStreams active_;
  boost::asio::thread_pool pool_;
  boost::asio::thread_pool converter_pool_;
  // A large dataset takes long to read, and nobody else should wait for that.
  boost::asio::thread_pool trace_pool_{kTraces};
};

PipelineService::PipelineService(Jobs* jobs, DeadLetters* dead_letters, const Converter* converter,
                                 const service::Access* access, size_t threads)
    : impl_(std::make_unique<Impl>(jobs, dead_letters, converter, access, threads)) {}

PipelineService::~PipelineService() = default;

grpc::Service* PipelineService::service() { return impl_.get(); }

void PipelineService::Drain(absl::Duration grace) { impl_->Drain(grace); }

}  // namespace quern::pipeline

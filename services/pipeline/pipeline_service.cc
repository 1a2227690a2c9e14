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

// Longest conversion: four model calls in a row at their own limit of 600 s.
constexpr absl::Duration kMaxConversion = absl::Seconds(2400);

// Runs `work`, which returns a StatusOr of `Response`, on `pool` and answers the call with what it returns.
template <class Response, class Work>
grpc::ServerUnaryReactor* Answer(boost::asio::thread_pool* pool, grpc::CallbackServerContext* context,
                                 Response* response, Work work) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  boost::asio::post(*pool, [reactor, response, work = std::move(work)] {
    absl::StatusOr<Response> result = work();
    const absl::Status status = result.status();
    if (status.ok()) *response = *std::move(result);
    reactor->Finish(service::ToGrpcStatus(status));
  });
  return reactor;
}

}  // namespace

class PipelineService::Impl final : public v1::PipelineService::CallbackService {
 public:
  using Context = grpc::CallbackServerContext;
  using Reactor = grpc::ServerUnaryReactor;

  Impl(Jobs* jobs, DeadLetters* dead_letters, const Converter* converter, size_t threads)
      : jobs_(*jobs), dead_letters_(*dead_letters), converter_(*converter), pool_(threads), converter_pool_(threads) {}
  ~Impl() final {
    converter_pool_.join();
    pool_.join();
  }

  void Drain(absl::Duration grace) { active_.Drain(grace); }

  Reactor* CreateJob(Context* context, const v1::CreateJobRequest* request, v1::Job* response) final {
    return Answer(&pool_, context, response, [this, request] { return jobs_.Create(*request); });
  }
  Reactor* GetJob(Context* context, const v1::GetJobRequest* request, v1::Job* response) final {
    return Answer(&pool_, context, response, [this, request] { return jobs_.Get(request->name()); });
  }
  Reactor* ListJobs(Context* context, const v1::ListJobsRequest* request, v1::ListJobsResponse* response) final {
    return Answer(&pool_, context, response, [this, request] { return jobs_.List(*request); });
  }
  Reactor* PauseJob(Context* context, const v1::PauseJobRequest* request, v1::Job* response) final {
    return Answer(&pool_, context, response, [this, request] { return jobs_.Pause(request->name()); });
  }
  Reactor* ResumeJob(Context* context, const v1::ResumeJobRequest* request, v1::Job* response) final {
    return Answer(&pool_, context, response, [this, request] { return jobs_.Resume(*request); });
  }
  Reactor* CancelJob(Context* context, const v1::CancelJobRequest* request, v1::Job* response) final {
    return Answer(&pool_, context, response, [this, request] { return jobs_.Cancel(request->name()); });
  }
  Reactor* CloseInput(Context* context, const v1::CloseInputRequest* request, v1::Job* response) final {
    return Answer(&pool_, context, response, [this, request] { return jobs_.CloseInput(request->name()); });
  }
  Reactor* DeleteJob(Context* context, const v1::DeleteJobRequest* request, v1::DeleteJobResponse* response) final {
    return Answer(&pool_, context, response, [this, request]() -> absl::StatusOr<v1::DeleteJobResponse> {
      const absl::Status status = jobs_.Delete(*request);
      if (!status.ok()) return status;
      return v1::DeleteJobResponse();
    });
  }
  Reactor* ListDeadLetters(Context* context, const v1::ListDeadLettersRequest* request,
                           v1::ListDeadLettersResponse* response) final {
    return Answer(&pool_, context, response, [this, request] { return dead_letters_.List(*request); });
  }
  Reactor* RedriveDeadLetters(Context* context, const v1::RedriveDeadLettersRequest* request,
                              v1::RedriveDeadLettersResponse* response) final {
    return Answer(&pool_, context, response, [this, request] { return dead_letters_.Redrive(*request); });
  }
  Reactor* TraceDocument(Context* context, const v1::TraceDocumentRequest* request,
                         v1::TraceDocumentResponse* response) final {
    return Answer(&pool_, context, response, [this, request] { return pipeline::TraceDocument(jobs_, *request); });
  }
  Reactor* ConvertDocument(Context* context, const v1::ConvertDocumentRequest* request,
                           v1::ConvertDocumentResponse* response) final {
    const absl::Time deadline = std::min(absl::FromChrono(context->deadline()), absl::Now() + kMaxConversion);
    const TraceContext trace = service::TraceOfCall(*context, request->document().traceparent());
    return Answer(&converter_pool_, context, response,
                  [this, request, trace, deadline] { return converter_.Convert(*request, trace, deadline); });
  }
  grpc::ServerBidiReactor<v1::IngestDocumentsRequest, v1::IngestDocumentsResponse>* IngestDocuments(Context*) final {
    return StartIngestStream(&pool_, &active_, &jobs_);
  }
  grpc::ServerWriteReactor<v1::WatchJobResponse>* WatchJob(Context*, const v1::WatchJobRequest* request) final {
    return StartWatchStream(&pool_, &active_, &jobs_, *request);
  }
  grpc::ServerWriteReactor<v1::ReadRecordsResponse>* ReadRecords(Context*,
                                                                 const v1::ReadRecordsRequest* request) final {
    return StartRecordsStream(&pool_, &active_, &jobs_, *request);
  }

 private:
  Jobs& jobs_;
  DeadLetters& dead_letters_;
  const Converter& converter_;
  ActiveStreams active_;
  boost::asio::thread_pool pool_;
  boost::asio::thread_pool converter_pool_;
};

PipelineService::PipelineService(Jobs* jobs, DeadLetters* dead_letters, const Converter* converter, size_t threads)
    : impl_(std::make_unique<Impl>(jobs, dead_letters, converter, threads)) {}

PipelineService::~PipelineService() = default;

grpc::Service* PipelineService::service() { return impl_.get(); }

void PipelineService::Drain(absl::Duration grace) { impl_->Drain(grace); }

}  // namespace quern::pipeline

#include "services/pipeline/converter.h"

#include <grpcpp/client_context.h>

#include <string_view>
#include <utility>

#include "common/base/config/job_spec.h"
#include "common/base/error.h"
#include "common/dataset/input_limits.h"
#include "common/service/grpc_status.h"
#include "common/service/trace_metadata.h"
#include "quern/v1/stages.grpc.pb.h"
#include "services/pipeline/document_check.h"
#include "services/pipeline/terminal_row.h"

namespace quern::pipeline {
namespace {

// What the calls of one conversion have in common.
struct CallLimits {
  absl::Time deadline;
  TraceContext trace;
};

// Calls `method` of a stage's stub; `stage` names it in errors.
template <class Stub, class Method, class Request, class Response>
absl::Status Call(Stub& stub, Method method, std::string_view stage, const CallLimits& limits, const Request& request,
                  Response* response) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(limits.deadline));
  service::SetTrace(limits.trace, &context);
  return WithContext(service::FromGrpcStatus((stub.*method)(&context, request, response)), stage);
}

// One document on its way: the request's parts and what the stages have found so far.
class Conversion {
 public:
  Conversion(const StageChannels& channels, v1::JobSpec spec, CallLimits limits, v1::ConvertDocumentResponse* response)
      : channels_(channels), spec_(std::move(spec)), limits_(std::move(limits)), response_(*response) {
    context_.spec_hash = config::SpecHash(spec_);
    context_.document_text = spec_.output().document_text();
    context_.trace_id = limits_.trace.trace_id;
    item_.set_document_id(response_.document().id());
  }

  absl::Status Run() {
    QUERN_RETURN_IF_ERROR(Filter());
    if (!response_.filter().has_kept()) return absl::OkStatus();
    QUERN_RETURN_IF_ERROR(AssignPersonas());
    const v1::PersonaAssignment& assignment = response_.persona().assignment();
    for (int ordinal = 0; ordinal < assignment.personas_size(); ++ordinal) {
      v1::WorkItem item = item_;
      item.set_ordinal(static_cast<uint32_t>(ordinal));
      item.set_expanded(true);
      item.set_domain(assignment.domain());
      *item.mutable_persona() = assignment.personas(ordinal);
      QUERN_RETURN_IF_ERROR(ConvertItem(std::move(item), response_.add_items()));
    }
    return absl::OkStatus();
  }

 private:
  absl::Status Filter() {
    v1::FilterDocumentRequest request;
    *request.mutable_spec() = spec_;
    *request.mutable_document() = response_.document();
    const auto stub = v1::FilterService::NewStub(channels_.filter);
    QUERN_RETURN_IF_ERROR(
        Call(*stub, &v1::FilterService::Stub::FilterDocument, "filter", limits_, request, response_.mutable_filter()));
    *item_.mutable_filter() = response_.filter().kept();
    *item_.add_trace() = response_.filter().trace();
    return absl::OkStatus();
  }

  absl::Status AssignPersonas() {
    v1::AssignPersonasRequest request;
    *request.mutable_spec() = spec_;
    *request.mutable_document() = response_.document();
    *request.mutable_filter() = item_.filter();
    const auto stub = v1::PersonaService::NewStub(channels_.persona);
    QUERN_RETURN_IF_ERROR(Call(*stub, &v1::PersonaService::Stub::AssignPersonas, "persona", limits_, request,
                               response_.mutable_persona()));
    *item_.add_trace() = response_.persona().trace();
    return absl::OkStatus();
  }

  absl::Status ConvertItem(v1::WorkItem item, v1::ConvertedItem* converted) {
    *converted->mutable_persona() = item.persona();
    QUERN_RETURN_IF_ERROR(Generate(item, converted->mutable_generator()));
    if (!converted->generator().has_question_answer()) return absl::OkStatus();
    *item.add_trace() = converted->generator().trace();
    QUERN_RETURN_IF_ERROR(Verify(item, converted->generator().question_answer(), converted->mutable_verifier()));
    if (!converted->verifier().has_verified()) return absl::OkStatus();
    *item.mutable_question_answer() = converted->verifier().verified();
    *item.mutable_checks() = converted->verifier().checks();
    *item.add_trace() = converted->verifier().trace();
    *converted->mutable_record() = MakeRecord(context_, &item, response_.document(), absl::Now());
    return absl::OkStatus();
  }

  absl::Status Generate(const v1::WorkItem& item, v1::GenerateQuestionResponse* response) {
    v1::GenerateQuestionRequest request;
    *request.mutable_spec() = spec_;
    *request.mutable_document() = response_.document();
    request.set_domain(item.domain());
    *request.mutable_persona() = item.persona();
    request.set_ordinal(item.ordinal());
    const auto stub = v1::GeneratorService::NewStub(channels_.generator);
    return Call(*stub, &v1::GeneratorService::Stub::GenerateQuestion, "generator", limits_, request, response);
  }

  absl::Status Verify(const v1::WorkItem& item, const v1::QuestionAnswer& pair, v1::VerifyQuestionResponse* response) {
    v1::VerifyQuestionRequest request;
    *request.mutable_spec() = spec_;
    *request.mutable_document() = response_.document();
    request.set_domain(item.domain());
    *request.mutable_persona() = item.persona();
    *request.mutable_question_answer() = pair;
    const auto stub = v1::VerifierService::NewStub(channels_.verifier);
    return Call(*stub, &v1::VerifierService::Stub::VerifyQuestion, "verifier", limits_, request, response);
  }

  const StageChannels& channels_;
  const v1::JobSpec spec_;
  const CallLimits limits_;
  v1::ConvertDocumentResponse& response_;
  RowContext context_;
  v1::WorkItem item_;
};

}  // namespace

Converter::Converter(StageChannels channels) : channels_(std::move(channels)) {}

absl::StatusOr<v1::ConvertDocumentResponse> Converter::Convert(const v1::ConvertDocumentRequest& request,
                                                               const TraceContext& trace, absl::Time deadline) const {
  QUERN_ASSIGN_OR_RETURN(v1::JobSpec spec, config::ResolveJobSpec(request.spec()));
  QUERN_ASSIGN_OR_RETURN(const dataset::InputLimits limits, dataset::ResolveInputSpec(spec.input()));
  v1::ConvertDocumentResponse response;
  *response.mutable_document() = request.document();
  if (auto fault = CompleteDocument(limits, response.mutable_document())) {
    return MakeError(absl::StatusCode::kInvalidArgument, fault->reason, "document: " + fault->message);
  }
  QUERN_RETURN_IF_ERROR(Conversion(channels_, std::move(spec), {deadline, trace}, &response).Run());
  return response;
}

}  // namespace quern::pipeline

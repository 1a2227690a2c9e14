#include "common/stage/stage_call.h"

#include <grpcpp/server_context.h>

#include <algorithm>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "common/base/config/job_spec.h"
#include "common/base/error.h"
#include "common/base/hash.h"
#include "common/base/trace_context.h"
#include "common/service/grpc_status.h"
#include "common/service/trace_metadata.h"

namespace quern::stage {
namespace {

constexpr size_t kMaxIdBytes = 256;

absl::Status Invalid(std::string_view reason, std::string_view message) {
  return MakeError(absl::StatusCode::kInvalidArgument, reason, message);
}

absl::Status CheckDocument(const v1::Document& document, uint64_t max_bytes) {
  if (document.text().empty()) return Invalid("EMPTY_TEXT", "document.text: must not be empty");
  if (document.text().size() > max_bytes) {
    return Invalid("DOCUMENT_TOO_LARGE", absl::StrFormat("document.text: has %d bytes, input.max_document_bytes is %d",
                                                         document.text().size(), max_bytes));
  }
  const auto control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
  if (document.id().size() > kMaxIdBytes || std::any_of(document.id().begin(), document.id().end(), control)) {
    return Invalid("INVALID_ID", "document.id: has at most 256 bytes and no control characters");
  }
  return absl::OkStatus();
}

// The document as the pipeline would have accepted it: with its id. A copy, as what asks models keeps it longer than
// the call (llm::DocumentFrames).
std::shared_ptr<const v1::Document> WithId(const v1::Document& document) {
  auto copy = std::make_shared<v1::Document>(document);
  if (copy->id().empty()) copy->set_id(ContentHash(copy->text()));
  return copy;
}

// What is wrong with the call, or the stage that shall serve it.
absl::StatusOr<std::shared_ptr<Stage>> Prepare(Runner* runner, const v1::JobSpec& spec, const v1::Document& document,
                                               absl::Time deadline, const absl::Status& valid) {
  if (absl::Now() > deadline) {
    return MakeError(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED", "the deadline had passed on arrival");
  }
  // The spec comes first: a call without a document asks whether this stage takes the spec.
  QUERN_ASSIGN_OR_RETURN(const v1::JobSpec resolved, config::ResolveJobSpec(spec));
  QUERN_ASSIGN_OR_RETURN(std::shared_ptr<Stage> stage, runner->StageFor(resolved));
  QUERN_RETURN_IF_ERROR(valid);
  QUERN_RETURN_IF_ERROR(CheckDocument(document, resolved.input().max_document_bytes()));
  return stage;
}

}  // namespace

absl::Status Require(bool present, std::string_view field) {
  if (present) return absl::OkStatus();
  return Invalid("MISSING_FIELD", absl::StrFormat("%s: is required", field));
}

void TakeTrace(const v1::WorkItem& item, v1::StageTrace* trace) {
  if (item.trace_size() > 0) *trace = item.trace(item.trace_size() - 1);
}

grpc::ServerUnaryReactor* ServeStage(const StageServer& server, grpc::CallbackServerContext* context,
                                     const v1::JobSpec& spec, const v1::Document& document, v1::WorkItem item,
                                     const absl::Status& valid, std::function<void(Outcome outcome)> fill) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  if (const absl::Status allowed = server.access->Check(*context, service::Role::kSubmit); !allowed.ok()) {
    reactor->Finish(service::ToGrpcStatus(allowed));
    return reactor;
  }
  const absl::Time deadline = absl::FromChrono(context->deadline());
  auto stage = Prepare(server.runner, spec, document, deadline, valid);
  if (!stage.ok()) {
    reactor->Finish(service::ToGrpcStatus(stage.status()));
    return reactor;
  }
  std::shared_ptr<const v1::Document> accepted = WithId(document);
  item.set_document_id(accepted->id());
  StageInput input(std::move(accepted), std::move(item));
  input.trace = service::TraceOfCall(*context, input.document->traceparent());
  auto done = [reactor, fill = std::move(fill)](Outcome outcome) {
    if (const auto* fault = std::get_if<Fault>(&outcome)) {
      reactor->Finish(service::ToGrpcStatus(fault->status));
    } else {
      fill(std::move(outcome));
      reactor->Finish(grpc::Status::OK);
    }
  };
  server.runner->Run(*std::move(stage), std::move(input), std::move(done), deadline);
  return reactor;
}

}  // namespace quern::stage

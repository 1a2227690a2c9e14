#include "clients/cli/records.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <ostream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cli/backoff.h"
#include "clients/cli/call_error.h"
#include "clients/cli/channel.h"
#include "clients/cli/exit_code.h"
#include "clients/cli/job_client.h"
#include "common/base/error.h"
#include "common/dataset/row_json.h"
#include "quern/v1/pipeline.grpc.pb.h"

namespace quern::cli {
namespace {

absl::Status CannotWrite(const std::string& path) {
  return MakeError(absl::StatusCode::kFailedPrecondition, "OUTPUT_UNUSABLE",
                   absl::StrCat("cannot write ", path, ": ", std::strerror(errno)));
}

// Copies one stream to `out`; keeps the request's token at what was written, so that a repeat goes on after it.
absl::Status CopyStream(v1::PipelineService::Stub& stub, v1::ReadRecordsRequest* request, const std::string& path,
                        std::ostream& out, Backoff* backoff, std::stop_token stop) {
  grpc::ClientContext context;
  const std::stop_callback cancel(stop, [&context] { context.TryCancel(); });
  const auto reader = stub.ReadRecords(&context, *request);
  v1::ReadRecordsResponse response;
  while (reader->Read(&response)) {
    std::string lines;
    for (const v1::RecordRow& record : response.records()) {
      dataset::AppendRowJson(record, &lines);
      lines += '\n';
    }
    out << lines;
    if (!out.flush()) {
      const bool reader_left = errno == EPIPE;
      context.TryCancel();
      reader->Finish();
      // `| head` has all that it wanted.
      return reader_left ? absl::OkStatus() : CannotWrite(path);
    }
    request->set_token(response.token());
    backoff->Progress();
  }
  const grpc::Status status = reader->Finish();
  return CallError(status, context.peer());
}

absl::Status CopyRecords(const RecordsOptions& options, std::ostream& out, const Console& console) {
  QUERN_ASSIGN_OR_RETURN(const std::shared_ptr<grpc::Channel> channel, OpenChannel(options.server));
  // An unknown job or server is told at once; only what worked before is waited for.
  QUERN_RETURN_IF_ERROR(JobClient(channel).Get(options.job).status());
  const auto stub = v1::PipelineService::NewStub(channel);
  v1::ReadRecordsRequest request;
  request.set_name(JobName(options.job));
  request.set_follow(options.follow);
  Backoff backoff({}, console.interrupt);
  while (true) {
    const absl::Status copied = CopyStream(*stub, &request, options.output, out, &backoff, console.interrupt);
    if (copied.ok()) return absl::OkStatus();
    QUERN_RETURN_IF_ERROR(backoff.Wait(copied));
  }
}

}  // namespace

int Records(const RecordsOptions& options, const Console& console) {
  std::ofstream file;
  if (options.output != "-") {
    file.open(options.output, std::ios::binary | std::ios::trunc);
    if (!file) return Fail(console, "records", CannotWrite(options.output));
  }
  const absl::Status copied = CopyRecords(options, options.output == "-" ? *console.out : file, console);
  if (copied.ok()) return kExitDone;
  if (console.interrupt.stop_requested()) return InterruptedExitCode(console);
  return Fail(console, "records", copied);
}

}  // namespace quern::cli

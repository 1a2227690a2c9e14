#include "clients/cli/trace.h"

#include <grpcpp/channel.h>

#include <memory>
#include <ostream>

#include "absl/strings/str_cat.h"
#include "clients/cli/channel.h"
#include "clients/cli/exit_code.h"
#include "clients/cli/job_client.h"
#include "clients/cli/proto_json.h"
#include "clients/cli/trace_text.h"
#include "common/base/error.h"
#include "common/dataset/manifest.h"
#include "services/pipeline/document_trace.h"
#include "services/pipeline/job_states.h"

namespace quern::cli {
namespace {

// A large dataset is read from its beginning.
constexpr absl::Duration kTraceTimeout = absl::Minutes(10);

constexpr char kMayBeInFlight[] =
    "the run in this folder has not ended: what is in flight is not told here, but by a server (--job NAME --server "
    "HOST:PORT; `quern run --listen HOST:PORT` is one while it runs)";

absl::StatusOr<v1::TraceDocumentResponse> AskServer(const TraceOptions& options) {
  QUERN_ASSIGN_OR_RETURN(const std::shared_ptr<grpc::Channel> channel, OpenChannel(options.server));
  return JobClient(channel, kTraceTimeout).Trace(options.job, options.id);
}

// Without a server, and without a private Redis that would have to be started.
absl::StatusOr<v1::TraceDocumentResponse> ReadFolder(const TraceOptions& options, const Console& console) {
  QUERN_ASSIGN_OR_RETURN(const dataset::Manifest manifest, dataset::LoadManifest(options.output));
  if (!pipeline::HasEnded(manifest.state)) *console.err << "quern trace: " << kMayBeInFlight << std::endl;
  return pipeline::TraceInDataset(options.output, options.id);
}

}  // namespace

int Trace(const TraceOptions& options, const Console& console) {
  if (options.output.empty() == options.job.empty()) {
    const auto which = MakeError(absl::StatusCode::kInvalidArgument, "USAGE",
                                 "name either a dataset's folder with --output, or a job with --job");
    return Fail(console, "trace", which);
  }
  const absl::StatusOr<v1::TraceDocumentResponse> trace =
      options.output.empty() ? AskServer(options) : ReadFolder(options, console);
  if (ErrorReason(trace.status()) == "NO_SUCH_DOCUMENT") {
    return Fail(
        console, "trace",
        MakeError(trace.status().code(), "NO_SUCH_DOCUMENT",
                  absl::StrCat("no document, record, rejection or dead letter has the id ", Printable(options.id, 300),
                               "; ids stand in the dataset's rows: `zstdcat DIR/*/*.zst | cut -c 1-80`")));
  }
  if (!trace.ok()) return Fail(console, "trace", trace.status());
  *console.out << (options.json ? ProtoJson(*trace, true) + "\n" : TraceText(*trace)) << std::flush;
  return kExitDone;
}

}  // namespace quern::cli

#include "clients/cli/convert.h"

#include <memory>
#include <ostream>
#include <utility>

#include "clients/cli/channel.h"
#include "clients/cli/conversion_text.h"
#include "clients/cli/embedded_system.h"
#include "clients/cli/exit_code.h"
#include "clients/cli/job_client.h"
#include "clients/cli/one_document.h"
#include "clients/cli/proto_json.h"
#include "clients/cli/reply_cache_option.h"
#include "common/base/error.h"

namespace quern::cli {
namespace {

// A model may be asked eight times.
constexpr absl::Duration kTimeout = absl::Minutes(30);

absl::StatusOr<v1::ConvertDocumentResponse> Ask(const ConvertOptions& options, const Console& console) {
  v1::ConvertDocumentRequest request;
  const StagesRun where = options.server.address.empty() ? StagesRun::kHere : StagesRun::kOnServers;
  QUERN_ASSIGN_OR_RETURN(*request.mutable_spec(), LoadSpec(options.spec, where));
  QUERN_ASSIGN_OR_RETURN(*request.mutable_document(),
                         ReadDocument(options.input, options.line, request.spec().input()));
  if (!options.server.address.empty()) {
    QUERN_ASSIGN_OR_RETURN(const std::shared_ptr<grpc::Channel> channel, OpenChannel(options.server));
    return JobClient(channel, kTimeout).Convert(request, console.interrupt);
  }
  EmbeddedOptions embedded;
  QUERN_ASSIGN_OR_RETURN(embedded.replies, OpenReplies(options.reply_cache, request.spec(), "convert", console));
  QUERN_ASSIGN_OR_RETURN(const std::unique_ptr<EmbeddedSystem> system, EmbeddedSystem::Start(embedded));
  return JobClient(system->channel(), kTimeout).Convert(request, console.interrupt);
}

}  // namespace

int Convert(const ConvertOptions& options, const Console& console) {
  const absl::StatusOr<v1::ConvertDocumentResponse> response = Ask(options, console);
  if (console.interrupt.stop_requested() && absl::IsCancelled(response.status())) {
    *console.err << "stopped" << std::endl;
    return InterruptedExitCode(console);
  }
  if (!response.ok()) return Fail(console, "convert", response.status());
  *console.out << (options.json ? ProtoJson(*response, true) : ConversionText(*response)) << std::flush;
  return kExitDone;
}

}  // namespace quern::cli

#include "clients/cli/convert.h"

#include <memory>
#include <ostream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cli/channel.h"
#include "clients/cli/conversion_text.h"
#include "clients/cli/embedded_system.h"
#include "clients/cli/exit_code.h"
#include "clients/cli/job_client.h"
#include "clients/cli/proto_json.h"
#include "common/base/error.h"
#include "common/dataset/corpus.h"
#include "common/dataset/source_reader.h"

namespace quern::cli {
namespace {

// A model may be asked eight times.
constexpr absl::Duration kTimeout = absl::Minutes(30);

// The document at `line` of `input`; faults of it are errors here.
absl::StatusOr<v1::Document> ReadDocument(const std::string& input, uint64_t line, const v1::InputSpec& spec) {
  QUERN_ASSIGN_OR_RETURN(const dataset::Corpus corpus, dataset::OpenCorpus({input}, {}));
  if (corpus.sources.size() != 1) {
    return MakeError(absl::StatusCode::kInvalidArgument, "USAGE", input + " is a folder; name one file of it");
  }
  QUERN_ASSIGN_OR_RETURN(const auto reader, dataset::SourceReader::Open(corpus.sources[0], spec));
  QUERN_RETURN_IF_ERROR(reader->SeekTo(line - 1));
  v1::IngestEntry entry;
  QUERN_ASSIGN_OR_RETURN(const bool found, reader->Next(&entry));
  if (!found) {
    return MakeError(absl::StatusCode::kDataLoss, "NO_DOCUMENT",
                     absl::StrCat(input, " holds no document at line ", line, " or after it"));
  }
  if (entry.has_unreadable()) {
    return MakeError(absl::StatusCode::kDataLoss, entry.unreadable().reason(),
                     absl::StrCat(input, ":", entry.position(), ": ", entry.unreadable().reason(), ": ",
                                  entry.unreadable().message()));
  }
  return std::move(*entry.mutable_document());
}

absl::StatusOr<v1::ConvertDocumentResponse> Ask(const ConvertOptions& options) {
  v1::ConvertDocumentRequest request;
  const StagesRun where = options.server.empty() ? StagesRun::kHere : StagesRun::kOnServers;
  QUERN_ASSIGN_OR_RETURN(*request.mutable_spec(), LoadSpec(options.spec, where));
  QUERN_ASSIGN_OR_RETURN(*request.mutable_document(),
                         ReadDocument(options.input, options.line, request.spec().input()));
  if (!options.server.empty()) {
    QUERN_ASSIGN_OR_RETURN(const std::shared_ptr<grpc::Channel> channel, OpenChannel(options.server));
    return JobClient(channel, kTimeout).Convert(request);
  }
  EmbeddedOptions embedded;
  embedded.work = false;
  QUERN_ASSIGN_OR_RETURN(const std::unique_ptr<EmbeddedSystem> system, EmbeddedSystem::Start(embedded));
  return JobClient(system->channel(), kTimeout).Convert(request);
}

}  // namespace

int Convert(const ConvertOptions& options, const Console& console) {
  const absl::StatusOr<v1::ConvertDocumentResponse> response = Ask(options);
  if (!response.ok()) return Fail(console, "convert", response.status());
  *console.out << (options.json ? ProtoJson(*response, true) : ConversionText(*response)) << std::flush;
  return kExitDone;
}

}  // namespace quern::cli

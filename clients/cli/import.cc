#include "clients/cli/import.h"

#include <map>
#include <memory>
#include <ostream>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/exit_code.h"
#include "clients/cli/json_lines_file.h"
#include "clients/cli/units.h"
#include "common/base/absl_view.h"
#include "common/base/error.h"
#include "common/dataset/importer.h"

namespace quern::cli {
namespace {

// The files of each kind, by the endings of their names.
const std::map<std::string, std::vector<std::string>>& Kinds() {
  static const auto& kinds =
      *new std::map<std::string, std::vector<std::string>>{{"html", {".html", ".htm", ".xhtml"}},
                                                           {"text", {".txt", ".text", ".md", ".markdown"}},
                                                           {"dict", {".index", ".dict", ".dict.dz"}}};
  return kinds;
}

bool IsOfKind(const std::vector<std::string>& endings, std::string_view file) {
  std::string name = absl::AsciiStrToLower(AbslView(file));
  for (const char* packed : {".gz", ".zst"}) {
    if (absl::EndsWith(name, packed)) name.resize(name.size() - std::string_view(packed).size());
  }
  for (const std::string& ending : endings) {
    if (absl::EndsWith(name, ending)) return true;
  }
  return false;
}

absl::Status CheckKind(const ImportOptions& options) {
  const auto kind = Kinds().find(options.kind);
  if (kind == Kinds().end()) {
    return MakeError(absl::StatusCode::kInvalidArgument, "USAGE",
                     "'" + options.kind + "' is no kind of import; the kinds are html, text and dict");
  }
  if (options.kind != "dict") return absl::OkStatus();
  for (const std::string& input : options.inputs) {
    if (IsOfKind(kind->second, input)) continue;
    return MakeError(absl::StatusCode::kInvalidArgument, "USAGE",
                     input + ": name a dictionary by its .index, .dict or .dict.dz file");
  }
  return absl::OkStatus();
}

absl::Status ImportAll(const ImportOptions& options, const Console& console) {
  QUERN_RETURN_IF_ERROR(CheckKind(options));
  const std::vector<std::string>& endings = Kinds().at(options.kind);
  QUERN_ASSIGN_OR_RETURN(const std::unique_ptr<JsonLinesFile> file, JsonLinesFile::Create(options.output));
  uint64_t written = 0;
  uint64_t of_other_kinds = 0;
  const auto sink = [&](const v1::Document& document) -> absl::Status {
    if (console.interrupt.stop_requested()) return absl::CancelledError("interrupted");
    // A dictionary's entries all come from files of its kind.
    if (options.kind != "dict" && !IsOfKind(endings, document.source())) {
      ++of_other_kinds;
      return absl::OkStatus();
    }
    ++written;
    return file->Write(dataset::DocumentToJsonLine(document));
  };
  QUERN_ASSIGN_OR_RETURN(const dataset::ImportSummary summary,
                         dataset::ImportDocuments(options.inputs, {}, options.prefix, sink));
  if (written > 0) QUERN_RETURN_IF_ERROR(file->Close());
  for (const std::string& warning : summary.warnings) *console.err << "quern import: warning: " << warning << "\n";
  if (written > 0) *console.err << options.output << ": " << Counted(written, "document") << "\n";
  for (const auto& [reason, count] : summary.left_out) {
    *console.err << "  left out: " << Grouped(count) << " " << reason << "\n";
  }
  if (of_other_kinds > 0) *console.err << "  left out: " << Grouped(of_other_kinds) << " of other kinds\n";
  console.err->flush();
  if (written > 0) return absl::OkStatus();
  return MakeError(absl::StatusCode::kDataLoss, "NO_DOCUMENT",
                   "no document came out of the inputs, so " + options.output + " is not written");
}

}  // namespace

int Import(const ImportOptions& options, const Console& console) {
  const absl::Status imported = ImportAll(options, console);
  if (imported.ok()) return kExitDone;
  if (console.interrupt.stop_requested()) return InterruptedExitCode(console);
  return Fail(console, "import", imported);
}

}  // namespace quern::cli

#include "common/dataset/importer.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include "absl/strings/str_format.h"
#include "common/base/error.h"
#include "common/base/hash.h"
#include "common/base/json_text.h"
#include "common/dataset/corpus.h"
#include "common/dataset/dictionary.h"
#include "common/dataset/document_rules.h"
#include "common/dataset/row_json.h"
#include "common/dataset/source_reader.h"

namespace quern::dataset {
namespace {

namespace fs = std::filesystem;

struct Dictionary {
  std::string index;
  std::string data;
  std::string name;
};

bool Exists(const std::string& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

// The dictionary that `path`, one of its files, belongs to.
std::optional<Dictionary> DictionaryOf(const std::string& path) {
  for (const std::string_view suffix : {".index", ".dict.dz", ".dict"}) {
    if (!path.ends_with(suffix)) continue;
    const std::string stem = path.substr(0, path.size() - suffix.size());
    const std::string data = Exists(stem + ".dict.dz") ? stem + ".dict.dz" : stem + ".dict";
    if (!Exists(stem + ".index") || !Exists(data)) return std::nullopt;
    return Dictionary{stem + ".index", data, fs::path(stem).filename().string()};
  }
  return std::nullopt;
}

// What the inputs hold, dictionaries apart from files.
struct Inputs {
  std::vector<Dictionary> dictionaries;
  Corpus corpus;
  // How each source's path begins, up to where its id begins.
  std::vector<size_t> id_begins;
};

void AddError(const absl::Status& status, std::string* errors) {
  absl::StrAppendFormat(errors, "%s%s", errors->empty() ? "" : "\n", status.message());
}

void FindDictionaries(const std::string& folder, std::vector<Dictionary>* dictionaries) {
  std::vector<std::string> found;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    if (entry->path().extension() == ".index") found.push_back(entry->path().string());
  }
  std::sort(found.begin(), found.end());
  for (const std::string& path : found) {
    if (auto dictionary = DictionaryOf(path)) dictionaries->push_back(*std::move(dictionary));
  }
}

void AddInput(const std::string& input, Inputs* inputs, std::string* errors) {
  std::error_code error;
  if (!fs::is_directory(input, error)) {
    if (auto dictionary = DictionaryOf(input)) return inputs->dictionaries.push_back(*std::move(dictionary));
  }
  const size_t dictionaries = inputs->dictionaries.size();
  if (fs::is_directory(input, error)) FindDictionaries(input, &inputs->dictionaries);
  auto corpus = OpenCorpus({input}, {});
  if (!corpus.ok()) {
    if (inputs->dictionaries.size() == dictionaries) AddError(corpus.status(), errors);
    return;
  }
  std::string clean = input;
  while (clean.size() > 1 && clean.ends_with('/')) clean.pop_back();
  const size_t slash = clean.rfind('/');
  for (Source& source : corpus->sources) {
    inputs->corpus.sources.push_back(std::move(source));
    inputs->id_begins.push_back(slash == std::string::npos ? 0 : slash + 1);
  }
  for (std::string& warning : corpus->warnings) inputs->corpus.warnings.push_back(std::move(warning));
}

class Import {
 public:
  Import(const v1::InputSpec& spec, InputLimits limits, const std::string& prefix, const DocumentSink& sink)
      : spec_(spec), limits_(std::move(limits)), prefix_(prefix), sink_(sink) {}

  absl::Status ReadFile(const Source& source, size_t id_begin) {
    QUERN_ASSIGN_OR_RETURN(const auto reader, SourceReader::Open(source, spec_));
    v1::IngestEntry entry;
    std::string fault;
    for (;;) {
      QUERN_ASSIGN_OR_RETURN(const bool more, reader->Next(&entry));
      if (!more) break;
      if (entry.has_unreadable()) {
        fault = entry.unreadable().message();
        LeaveOut(entry.unreadable().reason(), source.name, fault);
        continue;
      }
      v1::Document& document = *entry.mutable_document();
      const std::string name = source.path.substr(id_begin);
      if (source.format != SourceFormat::kJsonLines) document.set_id(name);
      if (document.source() == source.name) document.set_source(name);
      QUERN_RETURN_IF_ERROR(Give(std::move(document)));
    }
    // A stream that ends early is a fault and a warning of the reader's in the same words.
    for (const std::string& warning : reader->warnings()) {
      if (warning != fault) summary_.warnings.push_back(warning);
    }
    return absl::OkStatus();
  }

  absl::Status Give(v1::Document document) {
    const auto fault = CheckText(document.text(), limits_);
    if (fault) {
      ++summary_.left_out[fault->reason];
      return absl::OkStatus();
    }
    document.set_id(prefix_ + document.id());
    if (CheckId(document.id())) document.set_id(ContentHash(document.id()));
    document.set_id(Unique(document.id()));
    ++summary_.documents;
    return sink_(document);
  }

  ImportSummary& summary() { return summary_; }

 private:
  void LeaveOut(const std::string& reason, const std::string& name, const std::string& message) {
    ++summary_.left_out[reason];
    summary_.warnings.push_back(absl::StrFormat("%s: %s: %s", name, reason, message));
  }

  std::string Unique(const std::string& id) {
    std::string unique = id;
    for (int n = 2; !ids_.insert(unique).second; ++n) {
      // Room for the number, at most 256 bytes in all.
      unique = absl::StrFormat("%s~%d", id.size() > kMaxIdBytes - 8 ? ContentHash(id) : id, n);
    }
    return unique;
  }

  const v1::InputSpec& spec_;
  const InputLimits limits_;
  const std::string& prefix_;
  const DocumentSink& sink_;
  ImportSummary summary_;
  std::set<std::string> ids_;
};

}  // namespace

absl::StatusOr<ImportSummary> ImportDocuments(const std::vector<std::string>& inputs, const v1::InputSpec& spec,
                                              const std::string& prefix, const DocumentSink& sink) {
  QUERN_ASSIGN_OR_RETURN(InputLimits limits, ResolveInputSpec(spec));
  Inputs found;
  std::string errors;
  for (const std::string& input : inputs) AddInput(input, &found, &errors);
  if (!errors.empty()) return MakeError(absl::StatusCode::kNotFound, "NO_INPUT", errors);
  Import import(spec, std::move(limits), prefix, sink);
  import.summary().warnings = found.corpus.warnings;
  for (const Dictionary& dictionary : found.dictionaries) {
    QUERN_RETURN_IF_ERROR(ReadDictionary(dictionary.index, dictionary.data, dictionary.name,
                                         [&](v1::Document document) { return import.Give(std::move(document)); }));
  }
  for (size_t i = 0; i < found.corpus.sources.size(); ++i) {
    QUERN_RETURN_IF_ERROR(import.ReadFile(found.corpus.sources[i], found.id_begins[i]));
  }
  return std::move(import.summary());
}

std::string DocumentToJsonLine(const v1::Document& document) {
  std::string line = "{\"id\":";
  AppendJsonString(document.id(), &line);
  line += ",\"title\":";
  AppendJsonString(document.title(), &line);
  line += ",\"text\":";
  AppendJsonString(document.text(), &line);
  line += ",\"source\":";
  AppendJsonString(document.source(), &line);
  std::string metadata;
  if (document.metadata().fields_size() > 0) {
    AppendStructJson(document.metadata(), &metadata);
    line += "," + metadata.substr(1, metadata.size() - 2);
  }
  return line + "}\n";
}

}  // namespace quern::dataset

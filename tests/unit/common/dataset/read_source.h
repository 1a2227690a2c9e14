#pragma once

#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "common/base/error.h"
#include "common/dataset/source_reader.h"

namespace quern::dataset {

// What a source gives, in a form that a test can compare at a glance.
struct SourceContent {
  // "position:text" for a document, "position!REASON" for an unreadable input.
  std::vector<std::string> entries;
  std::vector<v1::IngestEntry> full;
  std::vector<std::string> warnings;
  // Reason of the error that ended the reading; empty when it came to the end.
  std::string error;
};

inline SourceContent ReadSource(const Source& source, const v1::InputSpec& spec = {}, uint64_t after = 0) {
  SourceContent content;
  auto reader = SourceReader::Open(source, spec);
  if (!reader.ok()) {
    content.error = ErrorReason(reader.status());
    return content;
  }
  if (after > 0 && !(*reader)->SeekTo(after).ok()) content.error = "SEEK";
  v1::IngestEntry entry;
  for (;;) {
    const auto more = (*reader)->Next(&entry);
    if (!more.ok()) content.error = ErrorReason(more.status());
    if (!more.ok() || !*more) break;
    content.entries.push_back(entry.has_document()
                                  ? absl::StrFormat("%d:%s", entry.position(), entry.document().text())
                                  : absl::StrFormat("%d!%s", entry.position(), entry.unreadable().reason()));
    content.full.push_back(entry);
  }
  content.warnings = (*reader)->warnings();
  return content;
}

inline SourceContent ReadFile(const std::string& path, const v1::InputSpec& spec = {}, uint64_t after = 0) {
  const auto corpus = OpenCorpus({path}, {});
  if (corpus.ok()) return ReadSource(corpus->sources.at(0), spec, after);
  SourceContent content;
  content.error = ErrorReason(corpus.status());
  return content;
}

}  // namespace quern::dataset

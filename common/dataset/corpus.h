#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace quern::dataset {

// How a source is cut into documents.
enum class SourceFormat {
  // One JSON object a line.
  kJsonLines,
  // The whole file is one document's text.
  kText,
  kMarkdown,
  // The whole file is one HTML page, of which the prose is kept.
  kHtml,
};

// One file of a corpus.
struct Source {
  // Stable name, 1 to 512 bytes: the path as the user gave it, for files inside a folder that path and the path inside
  // the folder; "stdin" for standard input. A name over 512 bytes keeps its first 479 and ends in "~" and its hash.
  std::string name;
  // Where the bytes are.
  std::string path;
  SourceFormat format = SourceFormat::kJsonLines;
  // Size on disk when the corpus was opened.
  uint64_t bytes = 0;
  // Not empty: the file stands in a folder and cannot be used (a device, a link that leaves the folder, no right to
  // read). SourceReader then yields one unreadable input with this reason and message.
  std::string fault_reason;
  std::string fault_message;
};

// The inputs of a job, checked before anything is accepted.
struct Corpus {
  // In the order of the inputs; inside a folder sorted by path, byte by byte.
  std::vector<Source> sources;
  // What a person should know and what stops nothing: files left out of a folder for their extension, empty folders.
  std::vector<std::string> warnings;
  // Sum over `sources`.
  uint64_t bytes = 0;
};

struct CorpusOptions {
  // File that holds the spooled standard input (see SpoolStandardInput): what an input "-" stands for. Empty: "-" is
  // an error.
  std::string standard_input_path;
};

// Finds every source of `inputs`: files, folders (walked in full), "-". Reads a few bytes of files whose extension says
// nothing. Formats go by extension after ".gz" or ".zst": .jsonl .ndjson .json (JSON Lines), .txt .text, .md .markdown,
// .html .htm .xhtml; a named file with another extension is JSON Lines when it begins with "{", HTML when it begins
// with a tag, else an error. Standard input is JSON Lines. In a folder, hidden entries and files with other extensions
// are left out and counted in `warnings`.
//
// Checks all inputs and reports all faults in one error, one line each: NOT_FOUND "NO_INPUT" when something is missing,
// unreadable, no regular file (FIFO, device, socket) or of unknown format; also when one source is named twice or
// nothing was found at all. The command line exits with 66 then. Blocking; thread-safe.
absl::StatusOr<Corpus> OpenCorpus(const std::vector<std::string>& inputs, const CorpusOptions& options);

// Copies everything from the file descriptor `in` to a new file at `path` and makes it durable: the file appears
// complete or not at all, since a job can only resume from input that can be read twice. When `path` exists already,
// nothing is read: a resumed job keeps its first input; remove the file for another one. Returns the file's size.
// Errors: INVALID_ARGUMENT "NO_INPUT" (`in` is closed, or marked close-on-exec, which no stream that a process was
// given is), RESOURCE_EXHAUSTED "DISK_FULL", UNAVAILABLE "SPOOL_FAILED". Blocking, in constant memory.
absl::StatusOr<uint64_t> SpoolStandardInput(int in, const std::string& path);

}  // namespace quern::dataset

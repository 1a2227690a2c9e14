#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/dataset/corpus.h"
#include "quern/v1/job.pb.h"
#include "quern/v1/pipeline.pb.h"

namespace quern::dataset {

// Reads the documents of one source in order, in memory that does not depend on the file's size.
//
// Every input line gets its 1-based line number as position, blank lines too, though they yield nothing; a file that is
// one document has position 1. What cannot be used is yielded as an unreadable input with its reason and never stops
// the lines after it. The reasons and what each bad input gets are docs/bad-input.md.
//
// A compressed file that is cut off or corrupt yields the lines that were complete before the fault, then one
// unreadable input TRUNCATED_INPUT or CORRUPT_INPUT whose message holds the byte offset, then ends; a warning says so
// too.
//
// Not thread-safe. Blocking.
class SourceReader {
 public:
  // Opens the source. Fields of `spec` that are unset take their defaults. INVALID_ARGUMENT "INVALID_INPUT_SPEC": a
  // limit out of its range or two fields of the same name. NOT_FOUND "NO_INPUT": the file is gone since OpenCorpus.
  static absl::StatusOr<std::unique_ptr<SourceReader>> Open(const Source& source, const v1::InputSpec& spec);

  virtual ~SourceReader() = default;

  // Goes on after `position`: the next entry is the first one with a higher position. Before the first Next only. Lines
  // passed over are not parsed, so this runs at the speed of decompression. A position past the end is not an error.
  virtual absl::Status SeekTo(uint64_t position) = 0;

  // Puts the next entry into `entry` (whatever it held is overwritten) and returns true, or returns false at the end.
  // Documents come complete: with an id, and with a source. Errors, after which the reader is spent: UNAVAILABLE
  // "READ_FAILED"; ABORTED "INPUT_CHANGED" at the end when the file's size or time of change is not what it was at Open
  // (what was yielded may not match the file as it is now).
  virtual absl::StatusOr<bool> Next(v1::IngestEntry* entry) = 0;

  // Bytes of the file consumed so far, of Source.bytes: for progress.
  virtual uint64_t bytes_read() const = 0;

  // What a person should know after the end: the file was empty, or held only blank lines, or ended in a fault.
  virtual const std::vector<std::string>& warnings() const = 0;
};

}  // namespace quern::dataset

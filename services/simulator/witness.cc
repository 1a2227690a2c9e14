#include "services/simulator/witness.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/error.h"
#include "common/base/log.h"

namespace quern::simulator {

std::string WitnessLine(const WitnessEntry& entry) {
  return absl::StrFormat(
      "{\"time_ms\":%d,\"sequence\":%d,\"stage\":\"%s\",\"document\":\"%s\",\"prompt\":\"%016x\",\"status\":%d,"
      "\"fault\":\"%s\",\"input_tokens\":%d,\"cached_tokens\":%d,\"output_tokens\":%d,\"seed\":%s,\"repetition\":%d,"
      "\"batch\":%s,\"trace_id\":\"%s\"}\n",
      entry.time_ms, entry.sequence, entry.stage, entry.document, entry.prompt_hash, entry.status, entry.fault,
      entry.input_tokens, entry.cached_tokens, entry.output_tokens, entry.seed ? absl::StrCat(*entry.seed) : "null",
      entry.repetition, entry.in_batch ? "true" : "false", entry.trace_id);
}

absl::StatusOr<std::unique_ptr<Witness>> Witness::Open(const std::string& path) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file < 0) {
    return MakeError(absl::StatusCode::kUnavailable, "WITNESS_FAILED",
                     absl::StrCat("cannot write ", path, ": ", std::strerror(errno)));
  }
  return std::unique_ptr<Witness>(new Witness(file));
}

Witness::~Witness() { close(file_); }

void Witness::Write(const WitnessEntry& entry) {
  const std::string line = WitnessLine(entry);
  ssize_t written = 0;
  do {
    written = write(file_, line.data(), line.size());
  } while (written < 0 && errno == EINTR);
  if (written == static_cast<ssize_t>(line.size())) return;
  LogError("the witness misses a request", {{"sequence", entry.sequence}, {"error", std::strerror(errno)}});
}

}  // namespace quern::simulator

#include "common/queue/results.h"

#include <spdlog/spdlog.h>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_format.h"
#include "common/base/error.h"
#include "common/queue/document_codec.h"
#include "common/queue/fields.h"
#include "common/queue/keys.h"
#include "common/queue/scripts.h"
#include "common/queue/terminal_tally.h"
#include "common/queue/transitions.h"

namespace quern::queue {
namespace {

// The smallest stream id after `id`.
std::string IdAfter(const std::string& id) {
  const size_t dash = id.find('-');
  return absl::StrFormat("%s-%d", id.substr(0, dash), NumberOf(id.substr(dash + 1)) + 1);
}

absl::Status Lost(const std::string& what) {
  return MakeError(absl::StatusCode::kAborted, "ROLLED_BACK", "Redis lost " + what + "; go back to its last commit");
}

}  // namespace

Results::Results(RedisOptions redis, std::string job_id, uint32_t lanes)
    : redis_(std::move(redis)), job_id_(std::move(job_id)), lanes_(lanes) {}

absl::StatusOr<std::vector<Result>> Results::Read(uint32_t lane, std::string_view after, size_t limit,
                                                  int64_t durable_until_ms) {
  if (lane >= lanes_) return absl::InvalidArgumentError("no such lane");
  const LaneKeys keys(job_id_, lane);
  const std::string from = after.empty() ? "-" : "(" + std::string(after);
  // An incomplete id at the end of a range stands for the last of its millisecond.
  const std::string to = absl::StrFormat("%d", durable_until_ms - 1);
  const std::string count = absl::StrFormat("%d", limit);
  QUERN_ASSIGN_OR_RETURN(const Reply entries, redis_.Command({"XRANGE", keys.results, from, to, "COUNT", count}));
  std::vector<Result> results;
  results.reserve(entries.array.size());
  for (const Reply& entry : entries.array) {
    Result result;
    result.id = entry.array[0].string;
    const std::string& bytes = entry.array[1].array.at(1).string;
    result.terminal_bytes = bytes.size();
    if (!result.terminal.ParseFromString(bytes) || result.terminal.schema() > kEntrySchema) {
      return MakeError(absl::StatusCode::kFailedPrecondition, "NEWER_SCHEMA",
                       absl::StrFormat("result %s of job %s was written by a newer version", result.id, job_id_));
    }
    results.push_back(std::move(result));
  }
  QUERN_RETURN_IF_ERROR(AttachDocuments(keys.documents, results));
  return results;
}

absl::Status Results::AttachDocuments(const std::string& documents_key, std::vector<Result>& results) {
  absl::flat_hash_map<std::string_view, std::shared_ptr<const DecodedDocument>> documents;
  std::vector<std::string_view> command = {"HMGET", documents_key};
  for (const Result& result : results) {
    const std::string& id = result.terminal.item().document_id();
    if (result.terminal.death().unreadable() || documents.contains(id)) continue;
    auto& document = documents[id] = KeptDocument(job_id_, id, result.terminal.document_hash());
    if (document == nullptr) command.push_back(id);
  }
  if (command.size() > 2) {
    QUERN_ASSIGN_OR_RETURN(const Reply bytes, redis_.Command(command));
    for (size_t i = 0; i < bytes.array.size(); ++i) {
      if (bytes.array[i].type != Reply::Type::kString) continue;
      const std::string_view id = command[i + 2];
      QUERN_ASSIGN_OR_RETURN(documents[id], DecodeDocument(job_id_, id, bytes.array[i].string));
    }
  }
  for (Result& result : results) {
    if (result.terminal.death().unreadable()) continue;
    const auto& decoded = documents[result.terminal.item().document_id()];
    result.document = DocumentOf(decoded);
    result.document_bytes = decoded == nullptr ? 0 : decoded->stored_bytes;
  }
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> Results::CommitNumber(uint32_t lane) {
  QUERN_ASSIGN_OR_RETURN(const Reply reply,
                         redis_.Command({"HMGET", LaneKeys(job_id_, lane).state, "state", "commit"}));
  if (reply.array[0].type == Reply::Type::kNil) {
    return MakeError(absl::StatusCode::kNotFound, "NO_SUCH_JOB", "no job " + job_id_);
  }
  return static_cast<uint64_t>(NumberOf(reply.array[1]));
}

absl::Status Results::Commit(uint32_t lane, uint64_t commit, const TerminalTally& tally) {
  const LaneKeys keys(job_id_, lane);
  std::vector<std::string> owned = {absl::StrFormat("%d", commit), tally.first_id, tally.last_id,
                                    tally.results == 0 ? "0" : IdAfter(tally.last_id),
                                    absl::StrFormat("%d", tally.counters.size())};
  for (const auto& [counter, by] : tally.counters) {
    owned.push_back(absl::StrFormat("%d", static_cast<int>(counter.first)));
    owned.push_back(counter.second);
    owned.push_back(absl::StrFormat("%d", by));
  }
  for (const auto& [id, dropped] : tally.references) {
    owned.push_back(id);
    owned.push_back(absl::StrFormat("%d", dropped.references));
    owned.push_back(absl::StrFormat("%d", dropped.document_bytes));
  }
  QUERN_ASSIGN_OR_RETURN(const Reply reply, redis_.Run(kCommit,
                                                       {keys.state, keys.results, keys.documents, keys.references,
                                                        keys.counts, keys.reasons, keys.domains},
                                                       {owned.begin(), owned.end()}));
  const std::string& outcome = reply.array[0].string;
  if (outcome == "done" || outcome == "repeated") return absl::OkStatus();
  if (outcome == "missing") return MakeError(absl::StatusCode::kNotFound, "NO_SUCH_JOB", "no job " + job_id_);
  if (outcome == "gone") return Lost("results that were read");
  return Lost(absl::StrFormat("commits: it is at %d, not at %d", reply.array[1].integer, commit - 1));
}

}  // namespace quern::queue

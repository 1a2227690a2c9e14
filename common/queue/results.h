#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/queue/redis.h"
#include "quern/v1/document.pb.h"
#include "quern/v1/queue.pb.h"

namespace quern::queue {

struct TerminalTally;

// One ended document or item, waiting for the sink.
struct Result {
  // Stream id.
  std::string id;
  v1::Terminal terminal;
  // What it takes in Redis.
  uint64_t terminal_bytes = 0;
  // Null for unreadable input, and where Redis lost the document and this process has not kept it.
  std::shared_ptr<const v1::Document> document;
  // What the document takes in Redis.
  uint64_t document_bytes = 0;
};

// What the sink reads and commits: a lane's terminals in stream order. One sink per job, by its own lock on disk.
// Thread-compatible; owns one connection.
class Results {
 public:
  Results(RedisOptions redis, std::string job_id, uint32_t lanes);

  // Up to `limit` terminals of `lane` after stream id `after` ("" from the beginning) that were written before
  // `durable_until_ms`, with their documents.
  absl::StatusOr<std::vector<Result>> Read(uint32_t lane, std::string_view after, size_t limit,
                                           int64_t durable_until_ms);

  // Number of the last commit of `lane`; 0 before the first.
  absl::StatusOr<uint64_t> CommitNumber(uint32_t lane);

  // In one script: deletes the results of `tally` (all that was read since the last commit), drops their references
  // (and documents that nothing refers to any more), counts each as ended, stores `commit`. That must be the last
  // commit number + 1; the last number again is OK and does nothing (its reply may have been lost). ABORTED
  // (ROLLED_BACK): Redis lost commits or results that had been read; the sink takes back what is newer than
  // CommitNumber() and reads again. NOT_FOUND (NO_SUCH_JOB).
  absl::Status Commit(uint32_t lane, uint64_t commit, const TerminalTally& tally);

 private:
  absl::Status AttachDocuments(const std::string& documents_key, std::vector<Result>& results);

  Redis redis_;
  const std::string job_id_;
  const uint32_t lanes_;
};

}  // namespace quern::queue

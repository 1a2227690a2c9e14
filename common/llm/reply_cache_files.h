#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

struct MDB_env;
struct MDB_txn;

namespace quern::llm {

// The reply cache's files: an LMDB environment of byte strings by key, which several processes read and write at once.
// Read is thread-safe; Write is one thread's.
class ReplyCacheFiles {
 public:
  using Records = absl::flat_hash_map<std::string, std::string>;

  // Errors as ReplyCache::Open.
  static absl::StatusOr<std::unique_ptr<ReplyCacheFiles>> Open(const std::string& folder, uint64_t max_bytes);
  ~ReplyCacheFiles();

  const std::string& folder() const { return folder_; }

  // Nullopt: there is none.
  absl::StatusOr<std::optional<std::string>> Read(const std::string& key);

  // All or nothing, durably but for the last moment before a power failure. RESOURCE_EXHAUSTED: `max_bytes` are in use.
  absl::Status Write(const Records& records);

 private:
  struct CloseEnvironment {
    void operator()(MDB_env* environment) const;
  };
  struct AbortTransaction {
    void operator()(MDB_txn* transaction) const;
  };
  using Transaction = std::unique_ptr<MDB_txn, AbortTransaction>;

  ReplyCacheFiles(std::string folder, uint64_t max_bytes) : folder_(std::move(folder)), max_bytes_(max_bytes) {}

  absl::Status OpenEnvironment();
  // Refuses what another program, or another format, has written; marks a cache that is new.
  absl::Status CheckFormat();
  // Refuses a file that was cut. LMDB counts pages that it never writes, so the file gets the length of the map before
  // anything is: only then is one that is shorter than its pages damaged, whenever its writers were killed.
  absl::Status CheckLength() const;
  // `map_mutex_` is held, shared, for as long as the transaction lives.
  absl::StatusOr<Transaction> Begin(unsigned flags) ABSL_SHARED_LOCKS_REQUIRED(map_mutex_);
  // Another process has made the files larger than this one's view of them.
  absl::Status GrowMap() ABSL_LOCKS_EXCLUDED(map_mutex_);
  absl::Status WriteOnce(const Records& records) ABSL_SHARED_LOCKS_REQUIRED(map_mutex_);
  uint64_t BytesInUse() const;
  absl::Status Unusable(int error) const;

  const std::string folder_;
  const uint64_t max_bytes_;
  std::unique_ptr<MDB_env, CloseEnvironment> environment_;
  unsigned database_ = 0;
  uint64_t writes_ = 0;
  // The view of the files changes only while no transaction uses it.
  absl::Mutex map_mutex_;
};

}  // namespace quern::llm

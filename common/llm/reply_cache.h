#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/llm/completion.h"
#include "common/llm/reply_cache_files.h"

namespace quern::llm {

struct ReplyCacheOptions {
  // Folder of the cache, made where it is missing.
  std::string folder;
  // Most bytes on disk. A full cache keeps what it has and takes no more.
  uint64_t max_bytes = uint64_t{16} << 30;
};

// A reply as the cache keeps it.
struct CachedReply {
  std::string text;
  std::string finish_reason;
  // What the server calls the model that wrote it.
  std::string model;
  // What it took when it was asked for.
  Usage usage;
};

// Replies of models by what was asked (ReplyKey), on disk. The processes of one machine may share a folder, and each
// sees what the others have committed; within one process a folder is opened once at a time (LMDB's locks are the
// process's). Reads take microseconds, unless the disk is waited for. Writes are committed by a thread of its own every
// 100 ms, so a process that is killed takes at most that much along; whatever is on disk is whole. Thread-safe.
class ReplyCache {
 public:
  // FAILED_PRECONDITION, reason INVALID_CONFIG: the folder cannot be used, or holds what is no reply cache of this
  // format; the message names it and says what to do. Blocking.
  static absl::StatusOr<std::unique_ptr<ReplyCache>> Open(const ReplyCacheOptions& options);
  // Writes what waits.
  ~ReplyCache();

  // The reply that was stored last under the key. Nullopt, too, where what is there cannot be read: a cache may forget,
  // and never invents.
  std::optional<CachedReply> Find(const std::string& key);

  // Keeps a reply. Returns at once; where the disk does not keep up, or is full, replies are not kept, which is logged
  // and counted.
  void Store(const std::string& key, const CachedReply& reply);

  // Replies that could not be kept.
  uint64_t lost() const;

 private:
  using Batch = ReplyCacheFiles::Records;

  explicit ReplyCache(std::unique_ptr<ReplyCacheFiles> files);
  void Work();
  void Lose(const Batch& batch, const absl::Status& why);
  // The writer has something to do, and shall no longer wait for more.
  bool Wanted() const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  bool Due() const ABSL_SHARED_LOCKS_REQUIRED(mutex_);

  const std::unique_ptr<ReplyCacheFiles> files_;
  mutable absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  Batch waiting_ ABSL_GUARDED_BY(mutex_);
  size_t waiting_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  // What the writer is committing; null between two commits.
  std::shared_ptr<const Batch> committing_ ABSL_GUARDED_BY(mutex_);
  // Nothing more fits; told once.
  bool full_ ABSL_GUARDED_BY(mutex_) = false;
  uint64_t lost_ ABSL_GUARDED_BY(mutex_) = 0;
  std::thread writer_;
};

}  // namespace quern::llm

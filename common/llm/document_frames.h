#pragma once

#include <cstddef>
#include <list>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/numeric/int128.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/llm/document_frame.h"

namespace quern::llm {

// The frames of the documents that were asked about last: a document's calls, eight by default, come within seconds
// of each other, and each would make the same frame. Thread-safe.
class DocumentFrames {
 public:
  // `most_bytes` of text and JSON are kept, besides what its users hold.
  explicit DocumentFrames(size_t most_bytes = size_t{64} << 20);

  std::shared_ptr<const DocumentFrame> Of(const v1::Document& document);

  // Gives up what nobody has asked for since `time`.
  void ForgetUnusedSince(absl::Time time);

  // For tests.
  size_t bytes() const;

 private:
  struct Entry {
    absl::uint128 key;
    std::shared_ptr<const DocumentFrame> frame;
    absl::Time used;
  };
  using Entries = std::list<Entry>;

  // Makes `entry` the last used; its frame.
  std::shared_ptr<const DocumentFrame> Use(Entries::iterator entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void DropOldest() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const size_t most_bytes_;
  // A document knows no other's key: nobody can write two that pass for one.
  const uint64_t secret_;
  mutable absl::Mutex mutex_;
  // The last used first.
  Entries entries_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<absl::uint128, Entries::iterator> by_key_ ABSL_GUARDED_BY(mutex_);
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace quern::llm

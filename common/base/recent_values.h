#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <random>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/numeric/int128.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/base/hash.h"

namespace quern {

// Values that cost something to make and were used last, by a key of what they are made of. Thread-safe.
template <typename Value>
class RecentValues {
 public:
  // Keeps values of at most `most_bytes` together, besides what their users hold.
  explicit RecentValues(size_t most_bytes) : most_bytes_(most_bytes) {}
  RecentValues(const RecentValues&) = delete;
  RecentValues& operator=(const RecentValues&) = delete;

  // A key of what is made of these two, under a seed that is secret: nobody can write two contents that pass for one.
  absl::uint128 KeyOf(std::string_view content, std::string_view more = "") const {
    return Hash128(content, Hash64(more, secret_));
  }

  // Null when there is none.
  std::shared_ptr<const Value> Find(absl::uint128 key) {
    absl::MutexLock lock(&mutex_);
    const auto known = by_key_.find(key);
    return known == by_key_.end() ? nullptr : Use(known->second);
  }

  // Keeps `value`, of about `bytes`, unless somebody was faster; what is kept.
  std::shared_ptr<const Value> Keep(absl::uint128 key, std::shared_ptr<const Value> value, size_t bytes) {
    absl::MutexLock lock(&mutex_);
    const auto [at, added] = by_key_.try_emplace(key);
    if (!added) return Use(at->second);
    entries_.push_front({key, value, bytes, absl::Now()});
    at->second = entries_.begin();
    bytes_ += bytes;
    while (bytes_ > most_bytes_) DropOldest();
    return value;
  }

  // Gives up what nobody has asked for since `time`.
  void ForgetUnusedSince(absl::Time time) {
    absl::MutexLock lock(&mutex_);
    while (!entries_.empty() && entries_.back().used < time) DropOldest();
  }

  // For tests.
  size_t bytes() const {
    absl::MutexLock lock(&mutex_);
    return bytes_;
  }

 private:
  struct Entry {
    absl::uint128 key;
    std::shared_ptr<const Value> value;
    size_t bytes;
    absl::Time used;
  };
  using Entries = std::list<Entry>;

  // Makes `entry` the last used; its value.
  std::shared_ptr<const Value> Use(typename Entries::iterator entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    entries_.splice(entries_.begin(), entries_, entry);
    entry->used = absl::Now();
    return entry->value;
  }

  void DropOldest() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    bytes_ -= entries_.back().bytes;
    by_key_.erase(entries_.back().key);
    entries_.pop_back();
  }

  static uint64_t Secret() {
    std::random_device random;
    return uint64_t{random()} << 32 | random();
  }

  const size_t most_bytes_;
  const uint64_t secret_ = Secret();
  mutable absl::Mutex mutex_;
  // The last used first.
  Entries entries_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<absl::uint128, typename Entries::iterator> by_key_ ABSL_GUARDED_BY(mutex_);
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace quern

#pragma once

#include <cstddef>
#include <list>
#include <utility>

#include "absl/container/flat_hash_map.h"

namespace quern::simulator {

// A map that forgets the entries used longest ago. Thread-compatible.
template <typename Key, typename Value>
class LruMap {
 public:
  // Keeps at most `capacity` entries, at least 1.
  explicit LruMap(size_t capacity) : capacity_(capacity == 0 ? 1 : capacity) {}

  // The value of `key`, which becomes the one used last, or nullptr. Valid until the next Put.
  Value* Find(const Key& key) {
    const auto found = index_.find(key);
    if (found == index_.end()) return nullptr;
    order_.splice(order_.begin(), order_, found->second);
    return &found->second->second;
  }

  // Sets it and makes it the one used last.
  void Put(const Key& key, Value value) {
    if (Value* known = Find(key); known != nullptr) {
      *known = std::move(value);
      return;
    }
    order_.emplace_front(key, std::move(value));
    index_.emplace(key, order_.begin());
    if (index_.size() <= capacity_) return;
    index_.erase(order_.back().first);
    order_.pop_back();
  }

  size_t size() const { return index_.size(); }

 private:
  using Order = std::list<std::pair<Key, Value>>;

  const size_t capacity_;
  Order order_;
  absl::flat_hash_map<Key, typename Order::iterator> index_;
};

}  // namespace quern::simulator

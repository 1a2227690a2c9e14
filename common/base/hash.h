#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/numeric/int128.h"

// Of xxhash.h.
struct XXH3_state_s;

namespace quern {

// XXH3-128 of `bytes` as 32 lowercase hexadecimal digits: the id of content that brings none.
std::string ContentHash(std::string_view bytes);

// What many contents begin with, read once for all their hashes. Thread-safe.
class HashedPrefix {
 public:
  explicit HashedPrefix(std::string_view prefix);

  // ContentHash of the prefix with `rest` after it.
  std::string ContentHashWith(std::string_view rest) const;

 private:
  struct Freer {
    void operator()(XXH3_state_s* state) const;
  };

  std::unique_ptr<XXH3_state_s, Freer> state_;
};

// XXH3-64 of `bytes` under `seed`: for spreading and for reproducible choices, not for identity.
uint64_t Hash64(std::string_view bytes, uint64_t seed = 0);

// XXH3-128 of `bytes` under `seed`: identity within a process that keeps its seed to itself.
absl::uint128 Hash128(std::string_view bytes, uint64_t seed);

}  // namespace quern

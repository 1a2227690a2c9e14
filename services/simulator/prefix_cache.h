#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "services/simulator/lru_map.h"

namespace quern::simulator {

// Bytes that count as one token, in prompts and replies.
inline constexpr size_t kBytesPerToken = 4;

// Tokens of so many bytes; what is left over counts in full.
inline constexpr size_t TokensOf(size_t bytes) { return (bytes + kBytesPerToken - 1) / kBytesPerToken; }

// What a server keeps of prompts, as vLLM does: blocks of 16 tokens, each known by its content and all before it, the
// blocks used longest ago forgotten first. Holds hashes alone. Thread-safe.
class PrefixCache {
 public:
  static constexpr size_t kBlockTokens = 16;
  static constexpr size_t kBlockBytes = kBlockTokens * kBytesPerToken;

  // Room for so many tokens; 0: nothing is kept.
  explicit PrefixCache(size_t tokens);

  // How many tokens of `prompt`'s beginning were kept, in whole blocks; the whole prompt is kept from now on.
  size_t Use(std::string_view prompt);

 private:
  struct Nothing {};

  const size_t blocks_;
  absl::Mutex mutex_;
  LruMap<uint64_t, Nothing> kept_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace quern::simulator

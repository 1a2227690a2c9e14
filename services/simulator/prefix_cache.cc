#include "services/simulator/prefix_cache.h"

#include <vector>

#include "common/base/hash.h"

namespace quern::simulator {

PrefixCache::PrefixCache(size_t tokens) : blocks_(tokens / kBlockTokens), kept_(blocks_) {}

size_t PrefixCache::Use(std::string_view prompt) {
  if (blocks_ == 0) return 0;
  std::vector<uint64_t> chain;
  chain.reserve(prompt.size() / kBlockBytes);
  uint64_t hash = 0;
  for (size_t at = 0; at + kBlockBytes <= prompt.size(); at += kBlockBytes) {
    hash = Hash64(prompt.substr(at, kBlockBytes), hash);
    chain.push_back(hash);
  }
  absl::MutexLock lock(&mutex_);
  size_t known = 0;
  while (known < chain.size() && kept_.Find(chain[known]) != nullptr) ++known;
  // From the end, so that the beginning, which more prompts share, is forgotten last.
  for (size_t i = chain.size(); i > 0; --i) kept_.Put(chain[i - 1], Nothing());
  return known * kBlockTokens;
}

}  // namespace quern::simulator

#include "common/base/hash.h"

#include <xxhash.h>

#include <memory>

#include "absl/strings/str_format.h"

namespace quern {
namespace {

struct StateFreer {
  void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
};

std::string Digits(XXH128_hash_t hash) { return absl::StrFormat("%016x%016x", hash.high64, hash.low64); }

}  // namespace

std::string ContentHash(std::string_view bytes) { return Digits(XXH3_128bits(bytes.data(), bytes.size())); }

std::string ContentHash(std::string_view first, std::string_view second) {
  thread_local const std::unique_ptr<XXH3_state_t, StateFreer> state(XXH3_createState());
  XXH3_128bits_reset(state.get());
  XXH3_128bits_update(state.get(), first.data(), first.size());
  XXH3_128bits_update(state.get(), second.data(), second.size());
  return Digits(XXH3_128bits_digest(state.get()));
}

uint64_t Hash64(std::string_view bytes, uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

absl::uint128 Hash128(std::string_view bytes, uint64_t seed) {
  const XXH128_hash_t hash = XXH3_128bits_withSeed(bytes.data(), bytes.size(), seed);
  return absl::MakeUint128(hash.high64, hash.low64);
}

}  // namespace quern

#include "common/base/hash.h"

#include <xxhash.h>

#include "absl/strings/str_cat.h"

namespace quern {
namespace {

std::string Digits(XXH128_hash_t hash) {
  return absl::StrCat(absl::Hex(hash.high64, absl::kZeroPad16), absl::Hex(hash.low64, absl::kZeroPad16));
}

}  // namespace

std::string ContentHash(std::string_view bytes) { return Digits(XXH3_128bits(bytes.data(), bytes.size())); }

HashedPrefix::HashedPrefix(std::string_view prefix) : state_(XXH3_createState()) {
  XXH3_128bits_reset(state_.get());
  XXH3_128bits_update(state_.get(), prefix.data(), prefix.size());
}

std::string HashedPrefix::ContentHashWith(std::string_view rest) const {
  thread_local const std::unique_ptr<XXH3_state_t, Freer> state(XXH3_createState());
  XXH3_copyState(state.get(), state_.get());
  XXH3_128bits_update(state.get(), rest.data(), rest.size());
  return Digits(XXH3_128bits_digest(state.get()));
}

void HashedPrefix::Freer::operator()(XXH3_state_s* state) const { XXH3_freeState(state); }

uint64_t Hash64(std::string_view bytes, uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

absl::uint128 Hash128(std::string_view bytes, uint64_t seed) {
  const XXH128_hash_t hash = XXH3_128bits_withSeed(bytes.data(), bytes.size(), seed);
  return absl::MakeUint128(hash.high64, hash.low64);
}

}  // namespace quern

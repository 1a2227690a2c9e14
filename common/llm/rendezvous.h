#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace quern::llm {

// A replica as the choice sees it.
struct Replica {
  // Hash of its name: the same in every process.
  uint64_t hash = 0;
  bool healthy = true;
  // Calls in flight and waiting.
  size_t load = 0;
};

// The replica for a document: rendezvous hashing, so that all calls for one document, from whatever process, go where
// its prefix is cached, and a replica that leaves moves its own documents alone. Bounded load: a replica with more
// than 1.25 times the mean load (and a few calls more) is passed over (arXiv 1608.01350). Unhealthy ones are passed
// over, too. nullopt: none is healthy.
std::optional<size_t> ChooseReplica(std::string_view document, const std::vector<Replica>& replicas);

}  // namespace quern::llm

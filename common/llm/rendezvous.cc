#include "common/llm/rendezvous.h"

#include "common/base/hash.h"

namespace quern::llm {
namespace {

constexpr double kMostOverMean = 1.25;
// Below a handful of calls the mean says little.
constexpr double kAlwaysAllowed = 8;

}  // namespace

std::optional<size_t> ChooseReplica(std::string_view document, const std::vector<Replica>& replicas) {
  double load = 0;
  size_t healthy = 0;
  for (const Replica& replica : replicas) {
    if (!replica.healthy) continue;
    load += static_cast<double>(replica.load);
    ++healthy;
  }
  if (healthy == 0) return std::nullopt;
  const double most = kMostOverMean * load / static_cast<double>(healthy) + kAlwaysAllowed;
  std::optional<size_t> best;
  uint64_t best_weight = 0;
  for (size_t i = 0; i < replicas.size(); ++i) {
    const Replica& replica = replicas[i];
    if (!replica.healthy || static_cast<double>(replica.load) > most) continue;
    const uint64_t weight = Hash64(document, replica.hash);
    if (best && weight <= best_weight) continue;
    best = i;
    best_weight = weight;
  }
  // The least loaded one is never over the mean, so there is a best.
  return best;
}

}  // namespace quern::llm

#include "common/queue/keys.h"

#include "absl/strings/str_format.h"
#include "common/base/hash.h"

namespace quern::queue {

std::string JobKey(std::string_view job) { return absl::StrFormat("quern:job:{%s}", job); }

std::string SpendKey(std::string_view job) { return absl::StrFormat("quern:spend:{%s}", job); }

std::string RateKey(std::string_view account) { return absl::StrFormat("quern:rate:{%s}", account); }

std::string EndpointDownKey(std::string_view endpoint) {
  return absl::StrFormat("quern:down:{%s}", ContentHash(endpoint));
}

std::string BatchesKey(std::string_view job) { return absl::StrFormat("quern:batches:{%s}", job); }

std::string BatchCallsKey(std::string_view job) { return absl::StrFormat("quern:batch-calls:{%s}", job); }

LaneKeys::LaneKeys(std::string_view job, uint32_t lane) {
  const std::string prefix = absl::StrFormat("quern:{%s:%d}:", job, lane);
  state = prefix + "state";
  filter = prefix + "filter";
  persona = prefix + "persona";
  generator = prefix + "generator";
  verifier = prefix + "verifier";
  results = prefix + "results";
  documents = prefix + "documents";
  references = prefix + "references";
  seen = prefix + "seen";
  positions = prefix + "positions";
  redriven = prefix + "redriven";
  counts = prefix + "counts";
  reasons = prefix + "reasons";
  domains = prefix + "domains";
}

const std::string& LaneKeys::stream(v1::StageName stage) const {
  switch (stage) {
    case v1::STAGE_NAME_PERSONA:
      return persona;
    case v1::STAGE_NAME_GENERATOR:
      return generator;
    case v1::STAGE_NAME_VERIFIER:
      return verifier;
    default:
      return filter;
  }
}

const std::string& LaneKeys::next(v1::StageName stage) const {
  return stage == v1::STAGE_NAME_VERIFIER ? results : stream(static_cast<v1::StageName>(stage + 1));
}

uint32_t LaneOf(std::string_view document_id, uint32_t lanes) {
  return lanes <= 1 ? 0 : static_cast<uint32_t>(Hash64(document_id) % lanes);
}

}  // namespace quern::queue

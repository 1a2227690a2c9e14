#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/queue/redis.h"
#include "quern/v1/document.pb.h"
#include "quern/v1/job.pb.h"
#include "quern/v1/queue.pb.h"

namespace quern::queue {

// A document or item that has not left Redis.
struct InFlightEntry {
  // In whose stream it is; unspecified: it has ended, and waits for the sink.
  v1::StageName stage = v1::STAGE_NAME_UNSPECIFIED;
  // Where it has ended its `item` and how; else only its `item`.
  v1::Terminal terminal;
  // Handled errors and crashes in this stage so far.
  uint32_t attempts = 0;
  uint32_t deliveries = 0;
  // Name of the consumer that holds it; "" for none.
  std::string worker;
};

// What of single documents is in a job's streams. Reads only. Each search reads the entries of the document's lane, in
// pages. Thread-compatible; owns one connection.
class InFlight {
 public:
  InFlight(RedisOptions redis, std::string job_id, const v1::JobSpec& spec);

  // The entries of a document, in the order of the stages. What moves on meanwhile is found in one place or in both,
  // never in none; what a cancelled job leaves behind is left out.
  absl::StatusOr<std::vector<InFlightEntry>> Find(const std::string& document_id);

  // The document as it is stored, or null.
  absl::StatusOr<std::shared_ptr<const v1::Document>> Document(const std::string& document_id);

 private:
  absl::Status FindIn(v1::StageName stage, const std::string& stream, const std::string& document_id,
                      std::vector<InFlightEntry>* found);
  // Who holds an entry of a stage's stream, and how often it was delivered.
  absl::Status AddHolder(const std::string& stream, const std::string& entry_id, InFlightEntry* entry);

  Redis redis_;
  const std::string job_id_;
  const uint32_t lanes_;
};

}  // namespace quern::queue

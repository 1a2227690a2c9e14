#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/queue/lane.h"
#include "quern/v1/work.pb.h"

namespace quern::queue {

// The highest version of QueueEntry and Terminal that this program knows.
inline constexpr uint32_t kEntrySchema = 1;

// What becomes of an entry, ready to be sent.
struct Settlement {
  // How finish.lua names them; kHandBack and kPark go to release.lua.
  enum class Kind : char { kAdvance = 'a', kExpand = 'x', kEnd = 'e', kRetry = 'r', kHandBack, kPark };

  std::shared_ptr<Lane> lane;
  std::string id;
  Kind kind = Kind::kEnd;
  // Serialized QueueEntry or Terminal messages.
  std::vector<std::string> payloads;
  // The item, at least its key: a cancelled job makes its `cancelled` terminal from it.
  v1::WorkItem item;
  // kHandBack and kPark: the delivery count to leave behind.
  uint32_t deliveries = 0;
  // kHandBack: pause the job for this reason before. Empty: don't.
  std::string pause_reason;
  // When the delivery that asks for it began, by Redis' clock: a person may have resumed the job since.
  int64_t began_ms = 0;

  size_t bytes() const;
};

// The entry's item for a worker, who makes what goes on out of it. It comes back out of the payload where it is needed
// whole: for a retry or a dead letter.
v1::WorkItem TakeItem(Entry* entry);
void RestoreItem(Entry* entry);

// The item goes on. At the persona stage each output becomes an item of its own; elsewhere there is exactly one output,
// and from the verifier on it is a record. Outputs get the key (document, ordinal, generation) from here, whatever they
// hold. A wrong number of outputs makes a dead letter INVALID_OUTPUT.
Settlement MakeAdvance(Entry entry, std::vector<v1::WorkItem> outputs);
Settlement MakeRejection(Entry entry, v1::Rejection rejection, v1::WorkItem item);
// `reply`: what a model wrote, for people who look into it.
Settlement MakeDeath(Entry entry, std::string reason, std::string message, v1::ModelReply reply = {});
// Counts an attempt that a handled error ended and writes it into the item's history, before MakeRetry or MakeDeath.
void AddFailedAttempt(v1::FailedAttempt attempt, const std::string& reason, Entry* entry);
// A dead letter once the job's attempts are spent.
Settlement MakeRetry(Entry entry, absl::Duration delay, std::string reason, std::string message,
                     v1::ModelReply reply = {});
Settlement MakeCancellation(Entry entry);
// For others, at once, without counting this delivery.
Settlement MakeHandBack(Entry entry);
// For others, after a lease: an entry that this program cannot read, but a newer one may.
Settlement MakePark(std::shared_ptr<Lane> lane, std::string id);

// Turns a settlement that was overtaken by a cancellation into the item's `cancelled` terminal.
void TurnIntoCancellation(Settlement* settlement);

}  // namespace quern::queue

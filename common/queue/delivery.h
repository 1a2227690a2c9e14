#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/queue/job_hold.h"
#include "quern/v1/document.pb.h"
#include "quern/v1/queue.pb.h"
#include "quern/v1/work.pb.h"

namespace quern::queue {

class Settlements;

// What a worker holds: one entry of a stage's stream under a lease, with its document. Move-only and settled exactly
// once; dropping it unsettled hands it back, which costs no delivery, so an early return never loses work. Settling
// only queues the transition: the consumer makes it in Redis, batched with others, and whoever settles an entry first
// wins. Thread-compatible; settling from any thread is safe.
class Delivery {
 public:
  Delivery(Delivery&&) noexcept;
  Delivery& operator=(Delivery&&) noexcept;
  ~Delivery();

  // Job id (without "jobs/").
  const std::string& job() const;
  const std::shared_ptr<const v1::Document>& document() const;
  const v1::WorkItem& item() const;
  // The item to work on, once; item() tells its key (document, ordinal, expanded, generation) after that.
  v1::WorkItem TakeItem();
  // Keeps this stage of this process from starting more of the job's work.
  JobHold& hold() const;
  // Handled errors so far.
  uint32_t attempts() const;
  // Times it was handed to a worker, this one included.
  uint32_t deliveries() const;

  // The item goes on to the next stage; more than one output fans a document out. From the verifier on: it is a record.
  void Advance(std::vector<v1::WorkItem> outputs) &&;
  // The item ends as a rejection. `item` is what the stage found out about it.
  void Reject(v1::Rejection rejection, v1::WorkItem item) &&;
  // The item ends as a dead letter. `reply`: what a model wrote, where it did. `attempt`: when this one was and what it
  // used, for the item's history; its stage and reason are filled in.
  void Die(std::string reason, std::string message, v1::ModelReply reply = {}, v1::FailedAttempt attempt = {}) &&;
  // A handled error: tried again after `delay`, or a dead letter with this reason once the job's max_attempts are
  // spent.
  void Retry(absl::Duration delay, std::string reason, std::string message, v1::ModelReply reply = {},
             v1::FailedAttempt attempt = {}) &&;
  // Somebody else shall do it, at once and free of charge.
  void HandBack() &&;
  // The same once the job, which is paused with this reason, is resumed. Other replicas notice within a second.
  void PauseJob(std::string reason) &&;

 private:
  friend class Consumer;
  struct Held;
  explicit Delivery(std::unique_ptr<Held> held);

  std::unique_ptr<Held> held_;
};

}  // namespace quern::queue

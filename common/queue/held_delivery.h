#pragma once

#include <memory>

#include "common/queue/delivery.h"
#include "common/queue/settlements.h"
#include "common/queue/suspect_gate.h"

namespace quern::queue {

// What a Delivery holds.
struct Delivery::Held {
  // Shared with the consumer: a delivery may outlive it.
  std::shared_ptr<Settlements> settlements;
  Entry entry;
  std::shared_ptr<const v1::Document> document;
  // Leave to run, ended when it is settled.
  std::unique_ptr<SuspectGate::Pass> pass;
  // By Redis' clock.
  int64_t began_ms = 0;
};

}  // namespace quern::queue

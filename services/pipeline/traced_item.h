#pragma once

#include "common/queue/in_flight.h"
#include "quern/v1/pipeline.pb.h"
#include "quern/v1/record.pb.h"

namespace quern::pipeline {

// What rows and queue entries tell of an item's life, for TraceDocument. Pure functions.

v1::TracedItem TracedRecord(const v1::RecordRow& row);
v1::TracedItem TracedRejection(const v1::RejectionRow& row);
v1::TracedItem TracedDeadLetter(const v1::DeadLetterRow& row);
// One that has ended and waits for the sink tells so in its message.
v1::TracedItem TracedInFlight(const queue::InFlightEntry& entry);

}  // namespace quern::pipeline

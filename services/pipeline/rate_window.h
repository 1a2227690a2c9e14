#pragma once

#include <deque>
#include <optional>

#include "absl/time/time.h"
#include "quern/v1/job.pb.h"

namespace quern::pipeline {

// How fast a job goes, from samples of its counts over the last 30 s. Thread-compatible.
class RateWindow {
 public:
  struct Rates {
    // Documents that ended or expanded.
    double documents_per_second = 0;
    double records_per_second = 0;
    // Until what is in flight is done, at the rates of this window: the slower of documents and items, those that the
    // documents are still to become included. Unset while nothing has moved, and in the first seconds.
    std::optional<absl::Duration> eta;
  };

  // Takes a sample; `now` never goes back.
  Rates Add(absl::Time now, const v1::JobCounts& counts);

 private:
  struct Sample {
    absl::Time time;
    double documents = 0;
    double items = 0;
    double records = 0;
  };

  // Of what has ended, per second; 0 while that is not known.
  double SpeedOf(double Sample::*count) const;

  std::deque<Sample> samples_;
};

}  // namespace quern::pipeline

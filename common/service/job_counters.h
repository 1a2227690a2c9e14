#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "quern/v1/job.pb.h"

namespace quern::service {

// Sums over all jobs that never fall, as Prometheus' counters must not: what a job has counted stays when it leaves
// Redis, and what a redrive takes back stays counted. They begin at zero: what the jobs of the first look had counted
// by then is an earlier process's. Thread-compatible.
class JobCounters {
 public:
  // A family's name without "quern_" and "_total", and the values of up to two labels.
  using Key = std::tuple<std::string, std::string, std::string>;

  // Takes a look at all jobs in Redis, each with its counts.
  void Look(const std::vector<v1::Job>& jobs);

  const std::map<Key, double>& totals() const { return totals_; }

 private:
  using Counts = std::map<Key, uint64_t>;

  static Counts CountsOf(const v1::JobCounts& counts);

  bool looked_ = false;
  // At the last look, by the job's name and the time of its creation.
  std::map<std::pair<std::string, int64_t>, Counts> seen_;
  std::map<Key, double> totals_;
};

}  // namespace quern::service

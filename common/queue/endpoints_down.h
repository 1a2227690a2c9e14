#pragma once

#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/queue/redis.h"
#include "quern/v1/job.pb.h"

// Servers that do not answer, as the processes of stages tell whoever asks about a job.
namespace quern::queue {

// Says that `endpoint` (EndpointName) does not answer. Holds for three seconds.
absl::Status TellEndpointDown(Redis& redis, std::string_view endpoint, std::string_view reason);

// Those that the job's models name.
absl::StatusOr<std::vector<v1::EndpointDown>> ReadEndpointsDown(Redis& redis, const v1::JobSpec& spec);

}  // namespace quern::queue

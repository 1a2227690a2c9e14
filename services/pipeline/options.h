#pragma once

#include <cstddef>
#include <string>

#include "absl/time/time.h"
#include "common/queue/redis.h"

namespace quern::pipeline {

struct PipelineOptions {
  queue::RedisOptions redis;
  // Folder under which each job's dataset is written, in a folder of the job's id. Ignored when `dataset_dir` is set.
  std::string data_dir = "./quern-data";
  // Not empty: the one job of this pipeline is written to exactly this folder. For `quern run`.
  std::string dataset_dir;
  // How long an ended job stays in Redis. Its dataset stays.
  absl::Duration retention = absl::Hours(7 * 24);
  // Threads that serve requests; each waits for Redis or the disk while it does.
  size_t threads = 8;
};

// Where the dataset of a job is. Relative to today's options and not to those under which the job was created: a folder
// that was moved together with its Redis is found again.
std::string DatasetPath(const PipelineOptions& options, const std::string& job_id);

}  // namespace quern::pipeline

#pragma once

#include <memory>

#include "common/llm/batch/store.h"
#include "common/queue/redis.h"

namespace quern::stage {

// The jobs' batches in the Redis that has the jobs.
std::unique_ptr<batch::Store> MakeBatchStore(const queue::RedisOptions& redis);

}  // namespace quern::stage

#pragma once

#include <grpcpp/support/server_callback.h>

#include <boost/asio/thread_pool.hpp>

#include "quern/v1/pipeline.pb.h"
#include "services/pipeline/active_streams.h"
#include "services/pipeline/jobs.h"

namespace quern::pipeline {

// Starts the server's end of one WatchJob call: the job at once, then at every interval, until it has ended. `request`
// is copied; the other arguments outlive the call; gRPC owns the reactor.
grpc::ServerWriteReactor<v1::WatchJobResponse>* StartWatchStream(boost::asio::thread_pool* pool, ActiveStreams* active,
                                                                 Jobs* jobs, const v1::WatchJobRequest& request);

}  // namespace quern::pipeline

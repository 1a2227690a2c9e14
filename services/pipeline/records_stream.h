#pragma once

#include <grpcpp/support/server_callback.h>

#include <boost/asio/thread_pool.hpp>

#include "quern/v1/pipeline.pb.h"
#include "services/pipeline/active_streams.h"
#include "services/pipeline/jobs.h"

namespace quern::pipeline {

// Starts the server's end of one ReadRecords call: the dataset's records in their order, a few megabytes a message,
// then, with `follow`, those that are written later, until the dataset is final. `request` is copied; the other
// arguments outlive the call; gRPC owns the reactor.
grpc::ServerWriteReactor<v1::ReadRecordsResponse>* StartRecordsStream(boost::asio::thread_pool* pool,
                                                                      ActiveStreams* active, Jobs* jobs,
                                                                      const v1::ReadRecordsRequest& request);

}  // namespace quern::pipeline

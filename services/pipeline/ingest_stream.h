#pragma once

#include <grpcpp/support/server_callback.h>

#include <boost/asio/thread_pool.hpp>

#include "quern/v1/pipeline.pb.h"
#include "services/pipeline/active_streams.h"
#include "services/pipeline/jobs.h"

namespace quern::pipeline {

// Starts the server's end of one IngestDocuments call. It reads a message only when the one before is stored, so that
// gRPC's flow control holds the client back while the job is full; it tells positions after every message, and durable
// ones whenever they move. When the client half-closes, the call ends once everything is stored: who wants to know that
// it is durable keeps the stream open until it is told so. The arguments outlive the call; gRPC owns the reactor.
grpc::ServerBidiReactor<v1::IngestDocumentsRequest, v1::IngestDocumentsResponse>* StartIngestStream(
    boost::asio::thread_pool* pool, ActiveStreams* active, Jobs* jobs);

}  // namespace quern::pipeline

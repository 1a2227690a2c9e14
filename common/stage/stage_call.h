#pragma once

#include <grpcpp/support/server_callback.h>

#include <functional>
#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "common/service/access.h"
#include "common/stage/runner.h"

namespace quern::stage {

// What serves a stage's RPCs.
struct StageServer {
  Runner* runner;
  const service::Access* access;
};

// INVALID_ARGUMENT, reason MISSING_FIELD, unless `present`. `field` is its path in the request.
absl::Status Require(bool present, std::string_view field);

// Copies the trace of the stage that just ran.
void TakeTrace(const v1::WorkItem& item, v1::StageTrace* trace);

// Serves one RPC of a stage: checks that the client may submit, checks the document, finds the stage for the spec, runs
// it, and finishes the call: with OK once `fill` has put the advance or rejection into the response, or with the
// fault's status. `valid` is what the caller found out about its own fields. `item` names who asks what; its document
// id is filled in. Everything that is passed by reference belongs to the call and lives until it is finished.
grpc::ServerUnaryReactor* ServeStage(const StageServer& server, grpc::CallbackServerContext* context,
                                     const v1::JobSpec& spec, const v1::Document& document, v1::WorkItem item,
                                     const absl::Status& valid, std::function<void(Outcome outcome)> fill);

}  // namespace quern::stage

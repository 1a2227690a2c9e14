#pragma once

#include <memory>

#include "common/service/component.h"
#include "common/stage/stage_component.h"

namespace quern::verifier {

// The verifier stage as a part of a process: VerifierService and the worker of its queue.
std::unique_ptr<service::Component> MakeVerifierComponent(const stage::StageComponentOptions& options);

}  // namespace quern::verifier

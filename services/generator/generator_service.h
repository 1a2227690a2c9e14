#pragma once

#include <memory>

#include "common/service/component.h"
#include "common/stage/stage_component.h"

namespace quern::generator {

// The generator stage as a part of a process: GeneratorService and the worker of its queue.
std::unique_ptr<service::Component> MakeGeneratorComponent(const stage::StageComponentOptions& options);

}  // namespace quern::generator

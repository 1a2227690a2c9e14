#pragma once

#include <memory>

#include "common/service/component.h"
#include "common/stage/stage_component.h"

namespace quern::persona {

// The persona stage as a part of a process: PersonaService and the worker of its queue.
std::unique_ptr<service::Component> MakePersonaComponent(const stage::StageComponentOptions& options);

}  // namespace quern::persona

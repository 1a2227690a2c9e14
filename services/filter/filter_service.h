#pragma once

#include <memory>

#include "common/service/component.h"
#include "common/stage/stage_component.h"

namespace quern::filter {

// The filter stage as a part of a process: FilterService and the worker of its queue.
std::unique_ptr<service::Component> MakeFilterComponent(const stage::StageComponentOptions& options);

}  // namespace quern::filter

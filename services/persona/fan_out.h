#pragma once

#include <cstdint>
#include <vector>

#include "common/stage/stage.h"
#include "quern/v1/work.pb.h"

namespace quern::persona {

// One item for each question: `questions` of them for each persona, one after the other, with the ordinals 0, 1, 2 ….
// `item` is the document with all that the stage found out.
stage::Advance FanOut(const v1::WorkItem& item, const std::vector<v1::Persona>& personas, uint32_t questions);

}  // namespace quern::persona

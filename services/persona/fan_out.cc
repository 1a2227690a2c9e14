#include "services/persona/fan_out.h"

#include <algorithm>

namespace quern::persona {

stage::Advance FanOut(const v1::WorkItem& item, const std::vector<v1::Persona>& personas, uint32_t questions) {
  stage::Advance advance;
  advance.outputs.reserve(personas.size() * std::max(questions, 1u));
  for (const v1::Persona& persona : personas) {
    for (uint32_t i = 0; i < std::max(questions, 1u); ++i) {
      v1::WorkItem& output = advance.outputs.emplace_back(item);
      output.set_ordinal(static_cast<uint32_t>(advance.outputs.size() - 1));
      output.set_expanded(true);
      *output.mutable_persona() = persona;
    }
  }
  return advance;
}

}  // namespace quern::persona

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "services/persona/catalogue.h"
#include "services/persona/words.h"

namespace quern::persona {

// Chooses up to `max_personas` of `personas`, all different: those whose keywords the document uses come up more often,
// and the seed decides among equals, so that documents of one subject do not all meet the same readers. The same
// arguments give the same choice, everywhere. Returns indices into `personas`, the most fitting first. Thread-safe.
std::vector<size_t> ChoosePersonas(const std::vector<CataloguePersona>& personas, const WordCounts& words,
                                   std::string_view document_id, uint64_t seed, size_t max_personas);

}  // namespace quern::persona

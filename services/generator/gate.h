#pragma once

#include <string_view>

#include "services/generator/sentence.h"

namespace quern::generator {

// True when `sentence` (bytes) may be worth tokenising: 20 to 400 bytes, ends in a full stop, begins with a letter or
// digit, and holds no mark-up, code, quotation, ellipsis, URL or question. Cheap; rules out most bytes of most
// documents.
bool LooksLikeStatement(std::string_view sentence);

// True when `sentence` claims something plainly and on its own: no hedge (may, often, usually), no negation, no first
// or second person, no deixis (this, here, above, currently), no connective that leans on the sentence before (however,
// therefore), no list.
bool StandsAlone(const Sentence& sentence);

}  // namespace quern::generator

#pragma once

#include <cstdint>
#include <string_view>

#include "services/generator/sentence.h"

namespace quern::generator {

// True when `sentence` (bytes) may be worth tokenising: 20 to 400 bytes, ends in a full stop, begins with a letter or
// digit, and holds no mark-up, code, quotation, ellipsis, URL or question. Cheap; rules out most bytes of most
// documents.
bool LooksLikeStatement(std::string_view sentence);

// True when `sentence` can be read on its own: no doubt (probably, claimed), no negation, no first or second person, no
// connective that leans on the sentence before (however, therefore), no pointer into the text (above, figure), balanced
// brackets.
bool StandsAlone(const Sentence& sentence);

// True when the claim up to byte `answer_end` of the document, and to the end of its clause, is plain: no frequency
// (often), vague amount (many, about), time of writing (now, later), modal (may, can) nor demonstrative (this).
bool IsPlainClaim(const Sentence& sentence, uint64_t answer_end);

}  // namespace quern::generator

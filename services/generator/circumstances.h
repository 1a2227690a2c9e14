#pragma once

#include <optional>

#include "services/generator/frame.h"
#include "services/generator/sentence.h"

namespace quern::generator {

// Where in a clause the agent and the time stand; positions are 0 when absent.
struct Circumstances {
  size_t by = 0;
  size_t agent = 0;  // first word of the name after "by", its role skipped
  size_t agent_end = 0;
  std::optional<When> when;
};

// Reads the clause from `at` to `end` for the first "by NAME" and the first "in YEAR".
Circumstances ReadClause(const Sentence& sentence, size_t at, size_t end);

// The end of the part of the clause that belongs to the event: up to the first mark, relative or second verb after
// `at`.
size_t EventEnd(const Sentence& sentence, size_t at);

// True when the clause that EventEnd cut off at `at` left the event whole: the sentence or clause ends there, a new one
// begins ("and moved"), or a "before ..." follows; and what stands before `at` is no lonely adjective.
bool EndsWhole(const Sentence& sentence, size_t verb, size_t at);

}  // namespace quern::generator

#pragma once

#include <cstddef>

#include "services/generator/sentence.h"

namespace quern::generator {

// The agent that answers "by whom" at `at`: one name, or a complete list of up to four ("Ann Lee, Bo Li and Cy Ng").
// Refuses open lists ("and others"), bare surnames, names that the sentence breaks off ("Robert L") or goes on with in
// a way that was not understood. Returns one past its end, or `at`.
size_t AgentEnd(const Sentence& sentence, size_t at);

// Where the agent's name begins at `at`: behind a role that leads it ("the Scottish engineer James Watt"), else `at`.
size_t SkipRole(const Sentence& sentence, size_t at);

// True when [from, to), a name, is enough for a reader: a name of two words or more, or a single word that only one
// organisation or person has ("IBM", "Sony", "Aristotle"), or "the Romans".
bool IsFullName(const Sentence& sentence, size_t from, size_t to);

}  // namespace quern::generator

#pragma once

#include <string>
#include <string_view>

namespace quern::generator {

// The short form in brackets that opens a dictionary's entry: "(RMON) A protocol that ..." gives "RMON". Empty when the
// text opens otherwise.
std::string LeadingShortForm(std::string_view text);

// `text` without what leads a dictionary's definition: a pronunciation between slashes, a subject tag, the short form.
std::string_view DefinitionOf(std::string_view text);

// True when `definition` opens as "A ..." or "NAME is ..." do.
bool Defines(std::string_view name, std::string_view definition);

}  // namespace quern::generator

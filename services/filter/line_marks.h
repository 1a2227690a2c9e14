#pragma once

#include <string_view>

namespace quern::filter {

// What a line begins or ends with. `line` is trimmed of white space and not empty.

// A bullet, `•` or `-`, datatrove's reading of Gopher's "bullet point".
bool BeginsWithBullet(std::string_view line);

// `...` or `…`.
bool EndsInEllipsis(std::string_view line);

// A terminal mark: . ? ! " ' (C4 and FineWeb), the typographic quotes, and the full-width marks of Chinese and
// Japanese.
bool EndsInTerminalMark(std::string_view line);

}  // namespace quern::filter

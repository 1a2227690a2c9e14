#pragma once

#include "services/filter/profile.h"

namespace quern::filter {

// Whether a document counts as code (or formulas), to which C4's rules against `{` and "javascript" do not apply. True
// when it holds a fenced code block (a line that begins with ```), when at least `min_code_lines` of its written lines
// read like a program's, or when a brace belongs to TeX (`\frac{`, `x^{`, `a_{`). Looks at ends and beginnings of
// lines only: no parsing, no list of languages. A sentence of prose that quotes one brace is not code.
bool IsCode(const Profile& profile, double min_code_lines);

// A line that ends in ; or {, closes a block with }, or begins like a statement, a comment, a prompt or a preprocessor
// line. `line` is trimmed and not empty.
bool ReadsLikeCode(std::string_view line);

}  // namespace quern::filter

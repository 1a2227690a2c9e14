#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "services/generator/sentence.h"

namespace quern::generator {

// The name that `title` holds: "Mercury (planet)" names Mercury.
std::string_view NamePart(std::string_view title);

// The words of `name` in lower case; empty when it holds more than words and numbers.
std::vector<std::string> WordsOf(std::string_view name);

// True when `words` name something rather than head a chapter: "using psql", "chapter 5" and "overview" do not.
bool IsName(const std::vector<std::string>& words);

// True when the name keeps its capitals: it holds one past its first letter, or begins with one and the document never
// writes it otherwise inside a sentence.
bool IsProper(const std::string& name, const std::vector<std::string>& words, const std::vector<Sentence>& sentences);

}  // namespace quern::generator

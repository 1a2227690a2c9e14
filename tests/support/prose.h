#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace quern::testing {

// Documents for tests and benchmarks that read like prose: an encyclopaedia's article about an invented place, person,
// machine or plant, with sentences that state facts (years, quantities, names, definitions) among others that state
// none. The same number and seed give the same document; different ones differ. Pure.
struct ProseDocument {
  std::string title;
  // `bytes` long, give or take a sentence.
  std::string text;
};
ProseDocument MakeProse(uint64_t number, size_t bytes, uint64_t seed = 1);

// The document as a line of JSON with id ("doc-NUMBER"), title and text, ending in a line feed.
std::string MakeProseLine(uint64_t number, size_t bytes, uint64_t seed = 1);

}  // namespace quern::testing

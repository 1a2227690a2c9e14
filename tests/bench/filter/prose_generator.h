#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace quern::bench {

// Seeded text with the statistics of English prose that matter to the filter's speed: a vocabulary of 20,000 invented
// words under Zipf's law with English function words at its head, sentences of 8 to 30 words, commas, some numbers, and
// paragraphs of 2 to 6 sentences on a line each. At least `bytes` long, ended at a paragraph. Every default rule but
// language id keeps it.
std::string GenerateProse(size_t bytes, uint64_t seed);

}  // namespace quern::bench

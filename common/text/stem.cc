#include "common/text/stem.h"

#include <libstemmer.h>

#include "common/text/tokens.h"

namespace quern::text {

Stemmer::Stemmer() : stemmer_(sb_stemmer_new("english", "UTF_8")) {}

Stemmer::~Stemmer() { sb_stemmer_delete(stemmer_); }

std::string_view Stemmer::Stem(std::string_view word) {
  if (word.size() > 64) return word;
  const sb_symbol* stem =
      sb_stemmer_stem(stemmer_, reinterpret_cast<const sb_symbol*>(word.data()), static_cast<int>(word.size()));
  if (stem == nullptr) return word;  // out of memory
  return {reinterpret_cast<const char*>(stem), static_cast<size_t>(sb_stemmer_length(stemmer_))};
}

std::string StemOf(std::string_view word) {
  thread_local Stemmer stemmer;
  const std::string lower = LowerAscii(word);
  return std::string(stemmer.Stem(lower));
}

}  // namespace quern::text

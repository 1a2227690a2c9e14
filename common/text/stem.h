#pragma once

#include <string>
#include <string_view>

struct sb_stemmer;

namespace quern::text {

// Snowball's English stemmer (libstemmer). Not thread-safe: one object per thread.
class Stemmer {
 public:
  Stemmer();
  ~Stemmer();
  Stemmer(const Stemmer&) = delete;
  Stemmer& operator=(const Stemmer&) = delete;

  // The stem of `word`, which must be in lower case; words that are no English pass through the same suffix rules. The
  // view is valid until the next call. Words longer than 64 bytes come back unchanged.
  std::string_view Stem(std::string_view word);

 private:
  sb_stemmer* stemmer_;
};

// The stem of `word` by a stemmer of the calling thread, lower-cased first. Thread-safe.
std::string StemOf(std::string_view word);

}  // namespace quern::text

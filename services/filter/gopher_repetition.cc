#include "services/filter/gopher_repetition.h"

#include <algorithm>
#include <array>
#include <vector>

#include "common/text/ngrams.h"

namespace quern::filter {
namespace {

constexpr std::array<std::string_view, 3> kTopReasons = {"GOPHER_TOP_2_GRAM", "GOPHER_TOP_3_GRAM", "GOPHER_TOP_4_GRAM"};
constexpr std::array<std::string_view, 6> kDuplicateReasons = {"GOPHER_DUPLICATE_5_GRAMS", "GOPHER_DUPLICATE_6_GRAMS",
                                                               "GOPHER_DUPLICATE_7_GRAMS", "GOPHER_DUPLICATE_8_GRAMS",
                                                               "GOPHER_DUPLICATE_9_GRAMS", "GOPHER_DUPLICATE_10_GRAMS"};

std::vector<uint64_t> HashTokens(const Profile& profile) {
  std::vector<uint64_t> hashes;
  hashes.reserve(profile.tokens.size());
  for (const text::WordToken& token : profile.tokens) hashes.push_back(text::HashToken(profile.Text(token)));
  return hashes;
}

uint64_t CharactersOf(const Profile& profile, uint32_t first, uint32_t length) {
  uint64_t characters = 0;
  for (uint32_t i = first; i < first + length; ++i) characters += profile.tokens[i].characters;
  return characters;
}

// Characters in n-grams that repeat an earlier one. `repeated` holds, in order, the n-grams that occur more than once;
// no other can be a repetition. After a repetition the walk goes on behind it, as datatrove's does.
uint64_t RepeatedCharacters(const Profile& profile, const std::vector<text::Ngram>& repeated, uint32_t length) {
  text::HashCounter seen(repeated.size());
  uint64_t characters = 0;
  uint32_t next = 0;
  for (const text::Ngram& ngram : repeated) {
    if (ngram.first < next || seen.Add(ngram.hash) == 0) continue;
    characters += CharactersOf(profile, ngram.first, length);
    next = ngram.first + length;
  }
  return characters;
}

std::optional<Finding> CheckLinesAndParagraphs(const Profile& profile, const GopherRepetitionThresholds& thresholds) {
  const auto characters = static_cast<double>(std::max<uint64_t>(profile.characters, 1));
  const auto lines = static_cast<double>(std::max<size_t>(profile.lines.size(), 1));
  const auto paragraphs = static_cast<double>(std::max<uint64_t>(profile.paragraphs, 1));
  QUERN_RETURN_IF_FOUND(AtMost(thresholds.max_duplicate_paragraphs, profile.duplicate_paragraphs.elements / paragraphs,
                               "GOPHER_DUPLICATE_PARAGRAPHS", "share of paragraphs that repeat an earlier one"));
  QUERN_RETURN_IF_FOUND(AtMost(thresholds.max_duplicate_paragraph_characters,
                               static_cast<double>(profile.duplicate_paragraphs.characters) / characters,
                               "GOPHER_DUPLICATE_PARAGRAPH_CHARACTERS", "share of characters in repeated paragraphs"));
  QUERN_RETURN_IF_FOUND(AtMost(thresholds.max_duplicate_lines, profile.duplicate_lines.elements / lines,
                               "GOPHER_DUPLICATE_LINES", "share of lines that repeat an earlier one"));
  return AtMost(thresholds.max_duplicate_line_characters,
                static_cast<double>(profile.duplicate_lines.characters) / characters,
                "GOPHER_DUPLICATE_LINE_CHARACTERS", "share of characters in repeated lines");
}

std::optional<Finding> CheckNgrams(const Profile& profile, const GopherRepetitionThresholds& thresholds) {
  const auto characters = static_cast<double>(std::max<uint64_t>(profile.characters, 1));
  const std::vector<uint64_t> hashes = HashTokens(profile);
  std::vector<text::Ngram> ngrams = text::Unigrams(hashes);
  uint32_t length = 1;
  for (size_t i = 0; i < kTopReasons.size(); ++i) {
    text::ExtendNgrams(hashes, length++, ngrams);
    const text::FrequentNgram top = text::KeepRepeated(ngrams);
    if (top.count < 2) return std::nullopt;
    const auto top_characters =
        static_cast<double>(top.count * (CharactersOf(profile, top.first, length) + length - 1));
    QUERN_RETURN_IF_FOUND(AtMost(thresholds.max_top_ngram_characters[i], top_characters / characters, kTopReasons[i],
                                 "share of characters in the most frequent n-gram"));
  }
  for (size_t i = 0; i < kDuplicateReasons.size(); ++i) {
    text::ExtendNgrams(hashes, length++, ngrams);
    text::KeepRepeated(ngrams);
    const auto repeated = static_cast<double>(RepeatedCharacters(profile, ngrams, length));
    QUERN_RETURN_IF_FOUND(AtMost(thresholds.max_duplicate_ngram_characters[i], repeated / characters,
                                 kDuplicateReasons[i], "share of characters in repeated n-grams"));
  }
  return std::nullopt;
}

}  // namespace

std::optional<Finding> CheckGopherRepetition(const Profile& profile, const GopherRepetitionThresholds& thresholds) {
  QUERN_RETURN_IF_FOUND(CheckLinesAndParagraphs(profile, thresholds));
  return CheckNgrams(profile, thresholds);
}

}  // namespace quern::filter

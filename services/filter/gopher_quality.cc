#include "services/filter/gopher_quality.h"

#include <algorithm>
#include <vector>

#include "absl/strings/match.h"
#include "common/base/absl_view.h"
#include "services/filter/line_marks.h"

namespace quern::filter {
namespace {

template <typename Predicate>
double ShareOfLines(const Profile& profile, Predicate holds) {
  const auto matching = std::count_if(profile.lines.begin(), profile.lines.end(),
                                      [&](const text::Line& line) { return holds(profile.Text(line)); });
  return profile.lines.empty() ? 0 : static_cast<double>(matching) / static_cast<double>(profile.lines.size());
}

// How many of the stop words occur; counting stops once there are `enough`.
uint32_t CountStopWords(const Profile& profile, const std::vector<std::string>& stop_words, uint32_t enough) {
  std::vector<std::string_view> missing(stop_words.begin(), stop_words.end());
  size_t longest = 0;
  for (const std::string_view word : missing) longest = std::max(longest, word.size());
  uint32_t found = 0;
  for (const text::WordToken& token : profile.tokens) {
    if (found >= enough) break;
    if (!token.is_word || token.end - token.begin > longest) continue;
    const auto hit = std::find_if(missing.begin(), missing.end(), [&](std::string_view word) {
      return absl::EqualsIgnoreCase(AbslView(word), AbslView(profile.Text(token)));
    });
    if (hit == missing.end()) continue;
    missing.erase(hit);
    ++found;
  }
  return found;
}

}  // namespace

std::optional<Finding> CheckGopherQuality(const Profile& profile, const GopherQualityThresholds& thresholds,
                                          bool ask_for_stop_words) {
  const auto words = static_cast<double>(profile.word_count);
  QUERN_RETURN_IF_FOUND(AtLeast(thresholds.min_words, words, "GOPHER_WORD_COUNT", "number of words"));
  QUERN_RETURN_IF_FOUND(AtMost(thresholds.max_words, words, "GOPHER_WORD_COUNT", "number of words"));
  const double per_word = 1 / std::max(words, 1.0);
  const double mean_length = static_cast<double>(profile.word_characters) * per_word;
  QUERN_RETURN_IF_FOUND(
      AtLeast(thresholds.min_mean_word_length, mean_length, "GOPHER_MEAN_WORD_LENGTH", "mean word length"));
  QUERN_RETURN_IF_FOUND(
      AtMost(thresholds.max_mean_word_length, mean_length, "GOPHER_MEAN_WORD_LENGTH", "mean word length"));
  QUERN_RETURN_IF_FOUND(AtMost(thresholds.max_hash_ratio, static_cast<double>(profile.hash_signs) * per_word,
                               "GOPHER_HASH_RATIO", "hash signs per word"));
  QUERN_RETURN_IF_FOUND(AtMost(thresholds.max_ellipsis_ratio, static_cast<double>(profile.ellipses) * per_word,
                               "GOPHER_ELLIPSIS_RATIO", "ellipses per word"));
  QUERN_RETURN_IF_FOUND(AtMost(thresholds.max_bullet_lines, ShareOfLines(profile, BeginsWithBullet),
                               "GOPHER_BULLET_LINES", "share of lines that begin with a bullet"));
  QUERN_RETURN_IF_FOUND(AtMost(thresholds.max_ellipsis_lines, ShareOfLines(profile, EndsInEllipsis),
                               "GOPHER_ELLIPSIS_LINES", "share of lines that end in an ellipsis"));
  QUERN_RETURN_IF_FOUND(AtLeast(thresholds.min_alphabetic_words,
                                static_cast<double>(profile.alphabetic_words) * per_word, "GOPHER_ALPHABETIC_WORDS",
                                "share of words with a letter"));
  if (!ask_for_stop_words) return std::nullopt;
  return AtLeast(thresholds.min_stop_words, CountStopWords(profile, thresholds.stop_words, thresholds.min_stop_words),
                 "GOPHER_STOP_WORDS", "number of different stop words");
}

}  // namespace quern::filter

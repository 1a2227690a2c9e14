#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "quern/v1/filter.pb.h"

namespace quern::filter {

// A FilterSpec with every default filled in. The fields are those of quern/v1/filter.proto, which documents them; the
// initialisers here are the defaults. Sources: docs/filter-rules.md.
struct LanguageThresholds {
  bool enabled = true;
  std::vector<std::string> wanted = {"en"};
  double min_score = 0.65;
};

struct GopherQualityThresholds {
  bool enabled = true;
  uint32_t min_words = 50;
  uint32_t max_words = 100'000;
  double min_mean_word_length = 3;
  double max_mean_word_length = 10;
  double max_hash_ratio = 0.1;
  double max_ellipsis_ratio = 0.1;
  double max_bullet_lines = 0.9;
  double max_ellipsis_lines = 0.3;
  double min_alphabetic_words = 0.8;
  uint32_t min_stop_words = 2;
  // Lower case.
  std::vector<std::string> stop_words = {"the", "be", "to", "of", "and", "that", "have", "with"};
  // True while `stop_words` is the default list, which says nothing about other languages.
  bool stop_words_are_english = true;
};

struct GopherRepetitionThresholds {
  bool enabled = true;
  double max_duplicate_lines = 0.30;
  double max_duplicate_paragraphs = 0.30;
  double max_duplicate_line_characters = 0.20;
  double max_duplicate_paragraph_characters = 0.20;
  // Of 2-, 3- and 4-grams.
  std::array<double, 3> max_top_ngram_characters = {0.20, 0.18, 0.16};
  // Of 5- to 10-grams.
  std::array<double, 6> max_duplicate_ngram_characters = {0.15, 0.14, 0.13, 0.12, 0.11, 0.10};
};

struct FineWebThresholds {
  bool enabled = true;
  double min_terminal_lines = 0.12;
  double max_short_lines = 0.67;
  uint32_t short_line_characters = 30;
  double max_duplicate_line_characters = 0.01;
  double max_newlines_per_word = 0.3;
};

struct C4Thresholds {
  bool enabled = true;
  uint32_t min_sentences = 3;
  uint32_t max_word_characters = 1000;
  uint32_t min_words_per_line = 3;
  bool require_terminal_mark = false;
  bool drop_policy_lines = true;
  bool drop_javascript_lines = true;
  bool reject_lorem_ipsum = true;
  bool reject_curly_bracket = true;
  double min_code_lines = 0.05;
};

struct Thresholds {
  uint32_t min_tokens = 50;
  LanguageThresholds language;
  GopherQualityThresholds gopher_quality;
  GopherRepetitionThresholds gopher_repetition;
  FineWebThresholds fineweb;
  C4Thresholds c4;
};

// Fills in the defaults. INVALID_ARGUMENT with reason INVALID_SPEC, naming the field by its path in a JobSpec, when a
// share is outside 0..1, a number is not finite, bounds contradict each other, a list has the wrong length or a
// language is no code.
absl::StatusOr<Thresholds> ResolveThresholds(const v1::FilterSpec& spec);

}  // namespace quern::filter

#include "services/filter/thresholds.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "common/base/error.h"

namespace quern::filter {
namespace {

// Copies the optional field `field` of the message `from` into `to.field` where it is set.
#define QUERN_TAKE(from, to, field) \
  if ((from).has_##field()) (to).field = (from).field()

absl::Status Invalid(std::string_view path, std::string_view problem) {
  return MakeError(absl::StatusCode::kInvalidArgument, "INVALID_SPEC", absl::StrFormat("filter.%s %s", path, problem));
}

absl::Status CheckShare(std::string_view path, double value) {
  if (std::isfinite(value) && value >= 0 && value <= 1) return absl::OkStatus();
  return Invalid(path, absl::StrFormat("is %g; it is a share and lies in 0 to 1", value));
}

absl::Status CheckAmount(std::string_view path, double value) {
  if (std::isfinite(value) && value >= 0) return absl::OkStatus();
  return Invalid(path, absl::StrFormat("is %g; it must be finite and not negative", value));
}

absl::Status CheckOrder(std::string_view low_path, double low, std::string_view high_name, double high) {
  if (low <= high) return absl::OkStatus();
  return Invalid(low_path, absl::StrFormat("is %g, more than %s, which is %g", low, high_name, high));
}

bool IsLanguageCode(std::string_view code) {
  return (code.size() == 2 || code.size() == 3) &&
         std::all_of(code.begin(), code.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

absl::Status Resolve(const v1::LanguageRules& rules, LanguageThresholds& to) {
  QUERN_TAKE(rules, to, enabled);
  QUERN_TAKE(rules, to, min_score);
  if (rules.wanted_size() > 0) to.wanted.assign(rules.wanted().begin(), rules.wanted().end());
  for (size_t i = 0; i < to.wanted.size(); ++i) {
    if (!IsLanguageCode(to.wanted[i])) {
      return Invalid(absl::StrFormat("language.wanted[%d]", i),
                     "is no ISO 639 code of two or three lower-case letters");
    }
  }
  return CheckShare("language.min_score", to.min_score);
}

absl::Status Resolve(const v1::GopherQualityRules& rules, GopherQualityThresholds& to) {
  QUERN_TAKE(rules, to, enabled);
  QUERN_TAKE(rules, to, min_words);
  QUERN_TAKE(rules, to, max_words);
  QUERN_TAKE(rules, to, min_mean_word_length);
  QUERN_TAKE(rules, to, max_mean_word_length);
  QUERN_TAKE(rules, to, max_hash_ratio);
  QUERN_TAKE(rules, to, max_ellipsis_ratio);
  QUERN_TAKE(rules, to, max_bullet_lines);
  QUERN_TAKE(rules, to, max_ellipsis_lines);
  QUERN_TAKE(rules, to, min_alphabetic_words);
  QUERN_TAKE(rules, to, min_stop_words);
  if (rules.stop_words_size() > 0) {
    to.stop_words_are_english = false;
    to.stop_words.clear();
    for (const std::string& word : rules.stop_words()) to.stop_words.push_back(absl::AsciiStrToLower(word));
  }
  QUERN_RETURN_IF_ERROR(CheckAmount("gopher_quality.min_mean_word_length", to.min_mean_word_length));
  QUERN_RETURN_IF_ERROR(CheckAmount("gopher_quality.max_mean_word_length", to.max_mean_word_length));
  QUERN_RETURN_IF_ERROR(CheckAmount("gopher_quality.max_hash_ratio", to.max_hash_ratio));
  QUERN_RETURN_IF_ERROR(CheckAmount("gopher_quality.max_ellipsis_ratio", to.max_ellipsis_ratio));
  QUERN_RETURN_IF_ERROR(CheckShare("gopher_quality.max_bullet_lines", to.max_bullet_lines));
  QUERN_RETURN_IF_ERROR(CheckShare("gopher_quality.max_ellipsis_lines", to.max_ellipsis_lines));
  QUERN_RETURN_IF_ERROR(CheckShare("gopher_quality.min_alphabetic_words", to.min_alphabetic_words));
  QUERN_RETURN_IF_ERROR(CheckOrder("gopher_quality.min_words", to.min_words, "max_words", to.max_words));
  QUERN_RETURN_IF_ERROR(CheckOrder("gopher_quality.min_stop_words", to.min_stop_words, "the number of stop_words",
                                   static_cast<double>(to.stop_words.size())));
  return CheckOrder("gopher_quality.min_mean_word_length", to.min_mean_word_length, "max_mean_word_length",
                    to.max_mean_word_length);
}

// Takes a list of shares, all of them or none.
template <size_t kSize, typename List>
absl::Status ResolveShares(std::string_view path, const List& values, std::array<double, kSize>& to) {
  if (values.empty()) return absl::OkStatus();
  if (values.size() != static_cast<int>(kSize)) {
    return Invalid(path, absl::StrFormat("has %d values; it takes %d", values.size(), kSize));
  }
  for (size_t i = 0; i < kSize; ++i) {
    to[i] = values[static_cast<int>(i)];
    QUERN_RETURN_IF_ERROR(CheckShare(absl::StrFormat("%s[%d]", path, i), to[i]));
  }
  return absl::OkStatus();
}

absl::Status Resolve(const v1::GopherRepetitionRules& rules, GopherRepetitionThresholds& to) {
  QUERN_TAKE(rules, to, enabled);
  QUERN_TAKE(rules, to, max_duplicate_lines);
  QUERN_TAKE(rules, to, max_duplicate_paragraphs);
  QUERN_TAKE(rules, to, max_duplicate_line_characters);
  QUERN_TAKE(rules, to, max_duplicate_paragraph_characters);
  QUERN_RETURN_IF_ERROR(CheckShare("gopher_repetition.max_duplicate_lines", to.max_duplicate_lines));
  QUERN_RETURN_IF_ERROR(CheckShare("gopher_repetition.max_duplicate_paragraphs", to.max_duplicate_paragraphs));
  QUERN_RETURN_IF_ERROR(
      CheckShare("gopher_repetition.max_duplicate_line_characters", to.max_duplicate_line_characters));
  QUERN_RETURN_IF_ERROR(
      CheckShare("gopher_repetition.max_duplicate_paragraph_characters", to.max_duplicate_paragraph_characters));
  QUERN_RETURN_IF_ERROR(ResolveShares("gopher_repetition.max_top_ngram_characters", rules.max_top_ngram_characters(),
                                      to.max_top_ngram_characters));
  return ResolveShares("gopher_repetition.max_duplicate_ngram_characters", rules.max_duplicate_ngram_characters(),
                       to.max_duplicate_ngram_characters);
}

absl::Status Resolve(const v1::FineWebRules& rules, FineWebThresholds& to) {
  QUERN_TAKE(rules, to, enabled);
  QUERN_TAKE(rules, to, min_terminal_lines);
  QUERN_TAKE(rules, to, max_short_lines);
  QUERN_TAKE(rules, to, short_line_characters);
  QUERN_TAKE(rules, to, max_duplicate_line_characters);
  QUERN_TAKE(rules, to, max_newlines_per_word);
  QUERN_RETURN_IF_ERROR(CheckShare("fineweb.min_terminal_lines", to.min_terminal_lines));
  QUERN_RETURN_IF_ERROR(CheckShare("fineweb.max_short_lines", to.max_short_lines));
  QUERN_RETURN_IF_ERROR(CheckShare("fineweb.max_duplicate_line_characters", to.max_duplicate_line_characters));
  return CheckAmount("fineweb.max_newlines_per_word", to.max_newlines_per_word);
}

absl::Status Resolve(const v1::C4Rules& rules, C4Thresholds& to) {
  QUERN_TAKE(rules, to, enabled);
  QUERN_TAKE(rules, to, min_sentences);
  QUERN_TAKE(rules, to, max_word_characters);
  QUERN_TAKE(rules, to, min_words_per_line);
  QUERN_TAKE(rules, to, require_terminal_mark);
  QUERN_TAKE(rules, to, drop_policy_lines);
  QUERN_TAKE(rules, to, drop_javascript_lines);
  QUERN_TAKE(rules, to, reject_lorem_ipsum);
  QUERN_TAKE(rules, to, reject_curly_bracket);
  QUERN_TAKE(rules, to, min_code_lines);
  return CheckShare("c4.min_code_lines", to.min_code_lines);
}

}  // namespace

absl::StatusOr<Thresholds> ResolveThresholds(const v1::FilterSpec& spec) {
  Thresholds thresholds;
  QUERN_TAKE(spec, thresholds, min_tokens);
  QUERN_RETURN_IF_ERROR(Resolve(spec.language(), thresholds.language));
  QUERN_RETURN_IF_ERROR(Resolve(spec.gopher_quality(), thresholds.gopher_quality));
  QUERN_RETURN_IF_ERROR(Resolve(spec.gopher_repetition(), thresholds.gopher_repetition));
  QUERN_RETURN_IF_ERROR(Resolve(spec.fineweb(), thresholds.fineweb));
  QUERN_RETURN_IF_ERROR(Resolve(spec.c4(), thresholds.c4));
  return thresholds;
}

#undef QUERN_TAKE

}  // namespace quern::filter

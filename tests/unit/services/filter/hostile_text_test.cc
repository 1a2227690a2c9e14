#include <gtest/gtest.h>

#include <string>
#include <variant>

#include "services/filter/heuristics.h"
#include "tests/unit/services/filter/prose.h"

namespace quern::filter {
namespace {

struct HostileText {
  const char* name;
  std::string text;
};

std::string Repeated(const std::string& unit, size_t bytes) {
  std::string text;
  text.reserve(bytes + unit.size());
  while (text.size() < bytes) text += unit;
  return text;
}

class HostileTextTest : public testing::TestWithParam<HostileText> {};

// Thresholds so wide that every rule runs to its end on every text.
Thresholds Widest() {
  Thresholds thresholds;
  thresholds.min_tokens = 0;
  thresholds.language.enabled = false;
  auto& quality = thresholds.gopher_quality;
  quality.min_words = quality.min_stop_words = 0;
  quality.max_words = 100'000'000;
  quality.min_mean_word_length = quality.min_alphabetic_words = 0;
  quality.max_mean_word_length = quality.max_hash_ratio = quality.max_ellipsis_ratio = 1e12;
  quality.max_bullet_lines = quality.max_ellipsis_lines = 1;
  auto& repetition = thresholds.gopher_repetition;
  repetition.max_duplicate_lines = repetition.max_duplicate_paragraphs = 1;
  repetition.max_duplicate_line_characters = repetition.max_duplicate_paragraph_characters = 1;
  repetition.max_top_ngram_characters.fill(1e12);
  repetition.max_duplicate_ngram_characters.fill(1e12);
  auto& fineweb = thresholds.fineweb;
  fineweb.min_terminal_lines = 0;
  fineweb.max_short_lines = fineweb.max_duplicate_line_characters = 1;
  fineweb.max_newlines_per_word = 1e12;
  thresholds.c4.min_sentences = 0;
  return thresholds;
}

// A rule whose work grows with the square of the text's length would take minutes here, and end at the test's time-out.
TEST_P(HostileTextTest, IsJudgedByDefault) { JudgeText(GetParam().text, Thresholds()); }

TEST_P(HostileTextTest, IsJudgedByEveryRule) {
  EXPECT_TRUE(std::holds_alternative<v1::FilterVerdict>(JudgeText(GetParam().text, Widest())));
}

constexpr size_t kMegabyte = 1'000'000;

INSTANTIATE_TEST_SUITE_P(
    All, HostileTextTest,
    testing::Values(HostileText{"Empty", ""}, HostileText{"OneCharacter", std::string(kMegabyte, 'a')},
                    HostileText{"OneMark", std::string(kMegabyte, '#')},
                    HostileText{"Brackets", std::string(kMegabyte, '{')},
                    HostileText{"TexAttempts", Repeated("\\aaaaaaaa", kMegabyte) + "{"},
                    HostileText{"MillionOneLetterWords", Repeated("a ", 2 * kMegabyte)},
                    HostileText{"PolicyWords", Repeated("terms of ", kMegabyte)},
                    HostileText{"Newlines", std::string(kMegabyte, '\n')},
                    HostileText{"ShortLines", Repeated("a\n", kMegabyte)},
                    HostileText{"NulBytes", std::string(kMegabyte, '\0')},
                    HostileText{"NulsInProse", Repeated(std::string("word\0 ", 6), kMegabyte)},
                    HostileText{"ZeroWidth", Repeated("a\u200B\u200D\uFEFF", kMegabyte)},
                    HostileText{"Emoji", Repeated("\U0001F600\U0001F469\u200D\U0001F52C", kMegabyte)},
                    HostileText{"RightToLeft",
                                Repeated("\u202E\u05E9\u05DC\u05D5\u05DD \u0645\u0631\u062D\u0628\u0627 ", kMegabyte)},
                    HostileText{"Ideographs", Repeated("\u5929\u5730\u7384\u9EC4\u3002", kMegabyte)},
                    HostileText{"CombiningMarks", "a" + Repeated("\u0301", kMegabyte)},
                    HostileText{"RepeatedProse", Repeated(Article(), kMegabyte)}),
    [](const auto& param_info) { return std::string(param_info.param.name); });

}  // namespace
}  // namespace quern::filter

#include "services/filter/thresholds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <string>

#include "common/base/error.h"

namespace quern::filter {
namespace {

using ::testing::HasSubstr;

TEST(ThresholdsTest, UnsetFieldsTakeTheirDefaults) {
  const auto thresholds = ResolveThresholds({});
  ASSERT_TRUE(thresholds.ok());
  EXPECT_EQ(thresholds->min_tokens, 50u);
  EXPECT_EQ(thresholds->language.wanted, std::vector<std::string>{"en"});
  EXPECT_EQ(thresholds->gopher_repetition.max_top_ngram_characters[2], 0.16);
  EXPECT_EQ(thresholds->gopher_repetition.max_duplicate_ngram_characters[5], 0.10);
  EXPECT_TRUE(thresholds->gopher_quality.stop_words_are_english);
}

TEST(ThresholdsTest, SetFieldsWinEvenWhenZeroOrFalse) {
  v1::FilterSpec spec;
  spec.set_min_tokens(0);
  spec.mutable_c4()->set_enabled(false);
  spec.mutable_fineweb()->set_min_terminal_lines(0);
  spec.mutable_gopher_quality()->add_stop_words("Und");
  spec.mutable_gopher_quality()->set_min_stop_words(1);
  spec.mutable_language()->add_wanted("de");
  const auto thresholds = ResolveThresholds(spec);
  ASSERT_TRUE(thresholds.ok()) << thresholds.status();
  EXPECT_EQ(thresholds->min_tokens, 0u);
  EXPECT_FALSE(thresholds->c4.enabled);
  EXPECT_EQ(thresholds->fineweb.min_terminal_lines, 0);
  EXPECT_EQ(thresholds->gopher_quality.stop_words, std::vector<std::string>{"und"});
  EXPECT_FALSE(thresholds->gopher_quality.stop_words_are_english);
  EXPECT_EQ(thresholds->language.wanted, std::vector<std::string>{"de"});
}

// Expects that `change` makes the spec invalid, with a message that names `path`.
void ExpectInvalid(const std::string& path, const std::function<void(v1::FilterSpec&)>& change) {
  v1::FilterSpec spec;
  change(spec);
  const absl::Status status = ResolveThresholds(spec).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << path;
  EXPECT_EQ(ErrorReason(status), "INVALID_SPEC") << path;
  EXPECT_THAT(std::string(status.message()), HasSubstr(path));
}

TEST(ThresholdsTest, NamesTheFieldThatIsWrong) {
  ExpectInvalid("filter.fineweb.max_short_lines", [](auto& spec) { spec.mutable_fineweb()->set_max_short_lines(1.5); });
  ExpectInvalid("filter.language.min_score", [](auto& spec) { spec.mutable_language()->set_min_score(-0.1); });
  ExpectInvalid("filter.language.wanted[1]", [](auto& spec) {
    spec.mutable_language()->add_wanted("en");
    spec.mutable_language()->add_wanted("English");
  });
  ExpectInvalid("filter.gopher_quality.max_hash_ratio", [](auto& spec) {
    spec.mutable_gopher_quality()->set_max_hash_ratio(std::numeric_limits<double>::quiet_NaN());
  });
  ExpectInvalid("filter.gopher_quality.min_words", [](auto& spec) {
    spec.mutable_gopher_quality()->set_min_words(10);
    spec.mutable_gopher_quality()->set_max_words(9);
  });
  ExpectInvalid("filter.gopher_quality.min_mean_word_length",
                [](auto& spec) { spec.mutable_gopher_quality()->set_min_mean_word_length(11); });
  ExpectInvalid("filter.gopher_quality.min_stop_words",
                [](auto& spec) { spec.mutable_gopher_quality()->set_min_stop_words(9); });
  ExpectInvalid("filter.gopher_repetition.max_top_ngram_characters",
                [](auto& spec) { spec.mutable_gopher_repetition()->add_max_top_ngram_characters(0.1); });
  ExpectInvalid("filter.gopher_repetition.max_duplicate_ngram_characters[3]", [](auto& spec) {
    for (const double share : {0.1, 0.1, 0.1, 7.0, 0.1, 0.1}) {
      spec.mutable_gopher_repetition()->add_max_duplicate_ngram_characters(share);
    }
  });
  ExpectInvalid("filter.c4.min_code_lines", [](auto& spec) { spec.mutable_c4()->set_min_code_lines(2); });
}

}  // namespace
}  // namespace quern::filter

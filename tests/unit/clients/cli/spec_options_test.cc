#include "clients/cli/spec_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/error.h"
#include "tests/unit/common/dataset/temporary_folder.h"

namespace quern::cli {
namespace {

// The sets lie on the machines that run the verifier: `submit` cannot see them.
TEST(LoadSpecTest, EvaluationSetsAreLookedForWhereTheStagesRun) {
  const dataset::TemporaryFolder folder;
  SpecOptions options;
  options.file =
      folder.Write("spec.yaml",
                   "verifier:\n  decontamination:\n    sets:\n      - {name: gsm8k, file: /missing/gsm8k.jsonl}\n"
                   "      - {name: mmlu, file: /missing/mmlu.jsonl.zst, fields: [question, choices]}\n");
  const auto spec = LoadSpec(options, StagesRun::kOnServers);
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->verifier().decontamination().sets(1).fields(1), "choices");
  const absl::Status here = LoadSpec(options, StagesRun::kHere).status();
  EXPECT_EQ(ErrorReason(here), "INVALID_SPEC");
  EXPECT_THAT(std::string(here.message()),
              ::testing::HasSubstr("verifier.decontamination.sets[0].file: /missing/gsm8k"));
}

TEST(LoadSpecTest, WhatNeedsNoFileIsCheckedEverywhere) {
  const dataset::TemporaryFolder folder;
  SpecOptions options;
  options.file = folder.Write("spec.yaml", "verifier:\n  decontamination:\n    sets:\n      - {file: a.jsonl}\n");
  EXPECT_EQ(ErrorReason(LoadSpec(options, StagesRun::kOnServers).status()), "INVALID_SPEC");
  options.file.clear();
  options.set = {"verifier.decontamination.ngram_words=4"};
  EXPECT_THAT(std::string(LoadSpec(options, StagesRun::kOnServers).status().message()),
              ::testing::HasSubstr("verifier.decontamination.ngram_words: must be from 5 to 50, not 4"));
}

}  // namespace
}  // namespace quern::cli

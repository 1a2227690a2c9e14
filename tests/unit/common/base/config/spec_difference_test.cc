#include "common/base/config/spec_difference.h"

#include <gtest/gtest.h>

#include "common/base/config/job_spec.h"

namespace quern::config {
namespace {

v1::JobSpec Parse(std::string_view yaml) {
  auto spec = ParseJobSpec(yaml);
  EXPECT_TRUE(spec.ok()) << spec.status();
  return spec.ok() ? *spec : v1::JobSpec();
}

constexpr char kYaml[] =
    "seed: 1\n"
    "filter: {language: {wanted: [en, no]}}\n"
    "models: [{name: small, model: qwen, base_urls: [\"http://a/v1\"]}]\n"
    "budget: {max_cost: 3}\n";

TEST(SpecDifferenceTest, NamesWhatDiffersAsTheFileDoes) {
  EXPECT_EQ(SpecDifference(Parse(kYaml), Parse(kYaml)), "");
  EXPECT_EQ(SpecDifference(Parse(kYaml), Parse("seed: 2\n"
                                               "filter: {language: {wanted: [en, de]}}\n"
                                               "models: [{name: small, model: llama}]\n")),
            "seed, filter.language.wanted[1], models[0].model");
}

TEST(SpecDifferenceTest, NamesAnElementThatOneOfThemLacks) {
  EXPECT_EQ(
      SpecDifference(Parse("filter: {language: {wanted: [en]}}"), Parse("filter: {language: {wanted: [en, de]}}")),
      "filter.language.wanted[1]");
  EXPECT_EQ(SpecDifference(Parse("models: [{name: a}, {name: b}]"), Parse("models: [{name: a}]")), "models[1]");
}

TEST(SpecDifferenceTest, HowModelsAreReachedAndTheBudgetAreNoDifference) {
  v1::JobSpec moved = Parse(kYaml);
  moved.mutable_models(0)->set_base_urls(0, "http://b/v1");
  moved.mutable_budget()->set_max_cost(4);
  EXPECT_EQ(SpecDifference(Parse(kYaml), moved), "");
}

TEST(SpecDifferenceTest, OfManyTheFirstAreNamed) {
  const v1::JobSpec many =
      Parse("models: [{name: a}, {name: b}, {name: c}, {name: d}, {name: e}, {name: f}, {name: g}]");
  EXPECT_EQ(SpecDifference(many, {}), "models[0], models[1], models[2], models[3], models[4] and 2 more");
}

}  // namespace
}  // namespace quern::config

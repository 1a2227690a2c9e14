#include "common/base/config/job_spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/error.h"

namespace quern::config {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string FaultsOf(std::string_view yaml) {
  const auto spec = ParseJobSpec(yaml);
  EXPECT_FALSE(spec.ok()) << yaml;
  EXPECT_EQ(ErrorReason(spec.status()), "INVALID_SPEC");
  return std::string(spec.status().message());
}

TEST(JobSpecTest, ReadsEveryKindOfField) {
  const auto spec = ParseJobSpec(
      "engine: extractive\n"
      "seed: 18446744073709551615\n"
      "input: {text_field: body, max_document_bytes: 4MiB, replace_invalid_utf8: true}\n"
      "filter: {language: {wanted: [en, no], min_score: 0.5}}\n"
      "output:\n  max_shard_age: 1m30s\n"
      "queue:\n");
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->engine(), v1::ENGINE_EXTRACTIVE);
  EXPECT_EQ(spec->seed(), UINT64_MAX);
  EXPECT_EQ(spec->input().text_field(), "body");
  EXPECT_EQ(spec->input().max_document_bytes(), 4u << 20);
  EXPECT_TRUE(spec->input().replace_invalid_utf8());
  // "no" is Norwegian here, not a boolean.
  EXPECT_THAT(spec->filter().language().wanted(), ElementsAre("en", "no"));
  EXPECT_EQ(spec->filter().language().min_score(), 0.5);
  EXPECT_EQ(spec->output().max_shard_age().seconds(), 90);
}

TEST(JobSpecTest, AJobHoldsNoMoreDocumentsThanItWantsRecords) {
  const auto held = [](const std::string& yaml) {
    return ResolveJobSpec(*ParseJobSpec(yaml))->queue().max_documents_held();
  };
  EXPECT_EQ(held("seed: 1"), 20000u);
  const std::string llm = "engine: llm\nmodels: [{name: m, base_urls: [http://m/v1], model: m}]\ntarget_records: ";
  EXPECT_EQ(held(llm + "500"), 500u);
  EXPECT_EQ(held(llm + "2"), 16u);
  EXPECT_EQ(held(llm + "1000000"), 20000u);
  EXPECT_EQ(held(llm + "500\nqueue: {max_documents_held: 7000}"), 7000u);
  EXPECT_EQ(held("target_records: 500"), 20000u) << "rules cost nothing";
  EXPECT_EQ(
      held("engine: llm\nmodels: [{name: m, base_urls: [http://m/v1], model: m, batch: {}}]\ntarget_records: 500"),
      20000u)
      << "batches must fill";
}

TEST(JobSpecTest, AllFaultsAreToldAtOnceWithTheirPaths) {
  const std::string faults = FaultsOf(
      "engine: psychic\n"
      "queue:\n"
      "  lane: 4\n"
      "  weight: heavy\n"
      "input: {text_field: 12, max_document_bytes: 4 parsecs}\n"
      "output: {max_shard_age: 10, document_text: maybe}\n"
      "filter: {language: {wanted: en}}\n"
      "persona: none\n");
  EXPECT_THAT(faults, AllOf(HasSubstr("engine: expects one of extractive, llm, not \"psychic\" (line 1)"),
                            HasSubstr("queue.lane: is unknown; did you mean lanes? (line 3)"),
                            HasSubstr("queue.weight: expects a whole number"),
                            HasSubstr("input.text_field: expects a string, but 12 is a number"),
                            HasSubstr("input.max_document_bytes: expects a size such as 64MiB"),
                            HasSubstr("output.max_shard_age: expects a duration such as 30s"),
                            HasSubstr("output.document_text: expects true or false")));
  EXPECT_THAT(faults, AllOf(HasSubstr("filter.language.wanted: expects a list"),
                            HasSubstr("persona: expects a block of fields")));
}

TEST(JobSpecTest, WhatIsNoYamlOrNoBlockIsAFault) {
  EXPECT_THAT(FaultsOf("queue: [1"), HasSubstr("is not YAML"));
  EXPECT_THAT(FaultsOf("- a\n- b\n"), HasSubstr("expects a block of fields"));
  EXPECT_THAT(FaultsOf("seed: 1\nseed: 2\n"), HasSubstr("seed: is given twice"));
  EXPECT_THAT(FaultsOf("seed: 1\n---\nseed: 2\n"), HasSubstr("one YAML document"));
  EXPECT_THAT(FaultsOf("seed: -1"), HasSubstr("seed: expects a whole number from 0"));
  EXPECT_TRUE(ParseJobSpec("").ok());
  EXPECT_TRUE(ParseJobSpec("# nothing\n").ok());
}

TEST(JobSpecTest, OverridesWinOverTheFileAndReplaceLists) {
  const auto spec =
      LoadJobSpec("", {{"queue.lanes", "4"}, {"input.text_field", "12"}, {"filter.language.wanted", "[de, fr]"}});
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->queue().lanes(), 4u);
  EXPECT_EQ(spec->input().text_field(), "12");
  EXPECT_THAT(spec->filter().language().wanted(), ElementsAre("de", "fr"));
  EXPECT_FALSE(LoadJobSpec("", {{"queue.lanes.x", "4"}}).ok());
  EXPECT_EQ(LoadJobSpec("/nonexistent/spec.yaml").status().code(), absl::StatusCode::kNotFound);
}

TEST(JobSpecTest, AFieldOfWhichOnlyTheBeginningWasWrittenIsNamed) {
  EXPECT_THAT(FaultsOf("models: [{name: small, api_key: sk-1}]"),
              HasSubstr("models[0].api_key: is unknown; did you mean api_key_env or api_key_file or api_key_header?"));
}

// A value out of bounds was told only once the unknown key was repaired.
TEST(JobSpecTest, FaultsOfFormAndOfValueAreToldAtOnce) {
  const auto spec = LoadJobSpec(
      "", {{"queue.lane", "4"}, {"persona.max_personas", "9"}, {"engine", "llm"}, {"verifier.max_leaked_share", "2"}});
  EXPECT_EQ(ErrorReason(spec.status()), "INVALID_SPEC");
  EXPECT_THAT(std::string(spec.status().message()),
              AllOf(HasSubstr("queue.lane: is unknown; did you mean lanes?"),
                    HasSubstr("persona.max_personas: must be from 1 to 8, not 9"),
                    HasSubstr("models: the engine llm needs a model"),
                    HasSubstr("verifier.max_leaked_share: must be from 0 to 1, not 2")));
}

TEST(JobSpecTest, ResolvingFillsTheDefaultsOfTheContract) {
  const auto spec = ResolveJobSpec({});
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->engine(), v1::ENGINE_EXTRACTIVE);
  EXPECT_EQ(spec->verifier().engine(), v1::ENGINE_EXTRACTIVE);
  EXPECT_EQ(spec->input().text_field(), "text");
  EXPECT_EQ(spec->input().max_document_bytes(), 8u << 20);
  EXPECT_TRUE(spec->input().detect_duplicates());
  EXPECT_EQ(spec->persona().max_personas(), 3u);
  EXPECT_TRUE(spec->output().document_text());
  EXPECT_EQ(spec->output().max_shard_age().seconds(), 10);
  EXPECT_EQ(spec->queue().max_documents_held(), 20000u);
  EXPECT_EQ(spec->queue().max_attempts(), 3u);
}

TEST(JobSpecTest, ResolvingTellsEveryValueOutOfBounds) {
  v1::JobSpec spec;
  spec.mutable_queue()->set_lanes(65);
  spec.mutable_queue()->set_max_documents_held(0);
  spec.mutable_persona()->set_max_personas(9);
  spec.mutable_input()->set_max_document_bytes(65u << 20);
  spec.mutable_input()->set_text_field("");
  spec.mutable_output()->set_compression_level(20);
  spec.mutable_filter()->set_engine(v1::ENGINE_LLM);
  const auto resolved = ResolveJobSpec(spec);
  ASSERT_EQ(resolved.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ErrorReason(resolved.status()), "INVALID_SPEC");
  EXPECT_THAT(std::string(resolved.status().message()),
              AllOf(HasSubstr("queue.lanes: must be from 1 to 64, not 65"),
                    HasSubstr("queue.max_documents_held: must be at least 1, not 0"),
                    HasSubstr("persona.max_personas: must be from 1 to 8"),
                    HasSubstr("input.max_document_bytes: must be from 1 to 64MiB, not 65MiB"),
                    HasSubstr("input.text_field: must not be empty"), HasSubstr("output.compression_level"),
                    HasSubstr("models: the engine llm needs a model: describe one here")));
}

TEST(JobSpecTest, HashNamesTheContentAndNotTheWayItWasWritten) {
  v1::JobSpec explicit_default;
  explicit_default.mutable_queue()->set_lanes(1);
  v1::JobSpec other;
  other.set_seed(7);
  const std::string hash = SpecHash(*ResolveJobSpec({}));
  EXPECT_EQ(hash.size(), 32u);
  EXPECT_EQ(SpecHash(*ResolveJobSpec(explicit_default)), hash);
  EXPECT_EQ(SpecHash(*ResolveJobSpec(*ResolveJobSpec({}))), hash);
  EXPECT_NE(SpecHash(*ResolveJobSpec(other)), hash);
}

}  // namespace
}  // namespace quern::config

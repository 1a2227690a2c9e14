#include "common/base/config/job_models.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <limits>

#include "common/base/config/job_spec.h"

namespace quern::config {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kOneModel[] = R"(
engine: llm
models:
  - name: small
    base_urls: [http://127.0.0.1:8000/v1]
    model: org/small-7b
)";

std::string FaultsOfModels(const std::string& yaml) {
  const auto spec = ParseJobSpec(yaml);
  if (!spec.ok()) return spec.status().ToString();
  const auto resolved = ResolveJobSpec(*spec);
  return resolved.ok() ? "" : std::string(resolved.status().message());
}

TEST(JobModelsTest, OneModelServesEveryStageWithTheStagesOwnTemperature) {
  const auto spec = ResolveJobSpec(*ParseJobSpec(kOneModel));
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_THAT(spec->filter().llm().models(), ElementsAre("small"));
  EXPECT_THAT(spec->verifier().llm().models(), ElementsAre("small"));
  EXPECT_EQ(spec->filter().llm().sampling().temperature(), 0);
  EXPECT_EQ(spec->generator().llm().sampling().temperature(), 1);
  EXPECT_EQ(spec->generator().llm().sampling().max_tokens(), 2048u);
  EXPECT_EQ(spec->generator().fewshots(), 2u);
  EXPECT_EQ(spec->models(0).max_concurrency(), 1024u);
  EXPECT_EQ(spec->models(0).timeout().seconds(), 600);
  EXPECT_TRUE(spec->reply_cache());
  EXPECT_EQ(SpecHash(*spec), SpecHash(*ResolveJobSpec(*spec)));
}

TEST(JobModelsTest, HowAModelIsReachedIsNoPartOfAJobsIdentity) {
  const v1::JobSpec spec = *ResolveJobSpec(*ParseJobSpec(kOneModel));
  v1::JobSpec elsewhere = spec;
  v1::ModelSpec& model = *elsewhere.mutable_models(0);
  model.set_base_urls(0, "http://user:secret@10.0.0.1/v1");
  model.set_api_key_env("KEY");
  model.set_max_concurrency(3);
  model.mutable_price()->set_input(1);
  model.mutable_timeout()->set_seconds(9);
  model.set_max_tokens_field("max_completion_tokens");
  model.set_structured_output(v1::STRUCTURED_OUTPUT_TEXT);
  (*model.mutable_headers())["X-Title"] = "quern";
  elsewhere.mutable_budget()->set_max_cost(5);
  EXPECT_EQ(SpecHash(elsewhere), SpecHash(spec));
  EXPECT_NE(WholeSpecHash(elsewhere), WholeSpecHash(spec));
  EXPECT_EQ(SpecIdentity(elsewhere).SerializeAsString().find("secret"), std::string::npos);
  for (void (*change)(v1::JobSpec*) : {
           +[](v1::JobSpec* s) { s->mutable_models(0)->set_model("another"); },
           +[](v1::JobSpec* s) { s->mutable_models(0)->set_extra_body("{}"); },
           +[](v1::JobSpec* s) { s->mutable_generator()->mutable_llm()->mutable_sampling()->set_temperature(0.5); },
       }) {
    v1::JobSpec other = spec;
    change(&other);
    EXPECT_NE(SpecHash(other), SpecHash(spec));
  }
}

TEST(JobModelsTest, HeadersAreCheckedAndHoldNoKeys) {
  const std::string faults = FaultsOfModels(std::string(kOneModel) + R"(    api_key_header: "api key"
    headers: {"X-Title": "quern", "a b": "c", "X-Line": "a\r\nb", "authorization": "Bearer x", "API-Key": "k"}
)");
  EXPECT_THAT(faults, HasSubstr("api_key_header: is no header's name"));
  EXPECT_THAT(faults, HasSubstr("headers.a b: is no header's name"));
  EXPECT_THAT(faults, HasSubstr("headers.X-Line: must not hold control characters"));
  EXPECT_THAT(faults, HasSubstr("headers.authorization: holds a key"));
  EXPECT_THAT(faults, HasSubstr("headers.API-Key: holds a key"));
  EXPECT_THAT(faults, Not(HasSubstr("X-Title")));
}

TEST(JobModelsTest, AnExtractiveJobGetsNoDefaultsOfModels) {
  const auto spec = ResolveJobSpec({});
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_FALSE(spec->filter().has_llm());
  EXPECT_FALSE(spec->generator().has_fewshots());
  EXPECT_FALSE(spec->verifier().has_votes());
  EXPECT_FALSE(spec->has_reply_cache());
}

TEST(JobModelsTest, EveryFaultOfAModelIsToldAtOnce) {
  EXPECT_THAT(FaultsOfModels(R"(
engine: llm
models:
  - name: "a b"
    base_urls: [ftp://x, "http://"]
    api_key_env: A
    api_key_file: b
    extra_body: "[1]"
    max_tokens_field: tokens
    max_concurrency: 0
  - name: c
    base_urls: [http://h/v1]
    model: m
  - name: c
    base_urls: [http://h/v1, http://h/v1/chat/completions/]
    model: m
generator: {fewshots: 5, llm: {models: [d], sampling: {temperature: 3, top_p: 2, max_tokens: 0}}}
verifier: {votes: 2, closed_book: {samples: 65, min_rate: 0.9, max_rate: 0.1}}
budget: {max_cost: 5}
)"),
              AllOf(HasSubstr("models[0].name: must be 1 to 64"), HasSubstr("models[0].model: must say"),
                    HasSubstr("models[0].base_urls: \"ftp://x\" is not"), HasSubstr("\"http://\" is not"),
                    HasSubstr("models[2].base_urls: \"http://h/v1/chat/completions/\" is the address of calls"),
                    HasSubstr("models[0].api_key_file: api_key_env is set too"),
                    HasSubstr("models[0].extra_body: must be a JSON object"),
                    HasSubstr("models[0].max_tokens_field: must be"), HasSubstr("models[0].max_concurrency: must be"),
                    HasSubstr("models[2].name: is the name of another model, too"),
                    HasSubstr("generator.fewshots: must be"), HasSubstr("there is no model \"d\" under models"),
                    AllOf(HasSubstr("generator.llm.sampling.temperature: must be"),
                          HasSubstr("generator.llm.sampling.top_p: must be"),
                          HasSubstr("generator.llm.sampling.max_tokens: must be"),
                          HasSubstr("verifier.votes: must be odd"), HasSubstr("verifier.closed_book.samples: must be"),
                          HasSubstr("verifier.closed_book.min_rate: the rates"),
                          HasSubstr("budget.max_cost: needs price.input and price.output of the model \"c\""))));
}

// A spec that comes as a message may hold it; YAML has no such number here.
TEST(JobModelsTest, WhatIsNoNumberIsNoTemperature) {
  auto spec = ParseJobSpec(kOneModel);
  ASSERT_TRUE(spec.ok()) << spec.status();
  v1::Sampling& sampling = *spec->mutable_generator()->mutable_llm()->mutable_sampling();
  sampling.set_temperature(std::numeric_limits<double>::quiet_NaN());
  sampling.set_top_p(std::numeric_limits<double>::quiet_NaN());
  const auto resolved = ResolveJobSpec(*spec);
  EXPECT_THAT(std::string(resolved.status().message()), AllOf(HasSubstr("sampling.temperature: must be from 0 to 2"),
                                                              HasSubstr("sampling.top_p: must be from 0 to 1")));
}

TEST(JobModelsTest, FilesAreReadWhereTheSpecIsAndBecomePartOfIt) {
  const std::string folder = ::testing::TempDir() + "job_models_test";
  std::filesystem::create_directories(folder);
  std::ofstream(folder + "/ask.md") << "Ask one hard question.";
  std::ofstream(folder + "/job.yaml") << kOneModel << "generator: {llm: {prompt_file: ask.md}}\n";
  const auto spec = LoadJobSpec(folder + "/job.yaml");
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->generator().llm().prompt(), "Ask one hard question.");
  EXPECT_EQ(spec->generator().llm().prompt_file(), "");
  std::ofstream(folder + "/job.yaml") << kOneModel << "generator: {llm: {prompt_file: gone.md}}\n";
  const auto missing = LoadJobSpec(folder + "/job.yaml");
  EXPECT_THAT(missing.status().ToString(), AllOf(HasSubstr("generator.llm.prompt_file"), HasSubstr("gone.md")));
}

TEST(JobModelsTest, AServerReadsNoFilesOfItsClients) {
  EXPECT_THAT(FaultsOfModels(std::string(kOneModel) + "filter: {llm: {prompt_file: /etc/passwd}}\n"),
              HasSubstr("filter.llm.prompt_file: must be read by the client"));
}

TEST(JobModelsTest, ABatchGetsDefaultsOnlyWhereItIsAskedFor) {
  EXPECT_FALSE(ResolveJobSpec(*ParseJobSpec(kOneModel))->models(0).has_batch());
  const auto spec = ResolveJobSpec(*ParseJobSpec(std::string(kOneModel) + "    batch: {max_calls: 5}\n"));
  ASSERT_TRUE(spec.ok()) << spec.status();
  const v1::BatchSpec& batch = spec->models(0).batch();
  EXPECT_EQ(batch.max_calls(), 5u);
  EXPECT_EQ(batch.max_wait().seconds(), 60);
  EXPECT_EQ(batch.poll_interval().seconds(), 30);
  const auto bare = ResolveJobSpec(*ParseJobSpec(std::string(kOneModel) + "    batch: {}\n"));
  ASSERT_TRUE(bare.ok()) << bare.status();
  EXPECT_EQ(bare->models(0).batch().max_calls(), 10'000u);
}

TEST(JobModelsTest, ABatchHasItsRanges) {
  EXPECT_THAT(
      FaultsOfModels(std::string(kOneModel) + "    batch: {max_calls: 50001, max_wait: 10ms, poll_interval: 25h}\n"),
      AllOf(HasSubstr("models[0].batch.max_calls: must be from 1 to 50000"),
            HasSubstr("models[0].batch.max_wait: must be from 0.1s to 24h"),
            HasSubstr("models[0].batch.poll_interval: must be from 0.1s to 24h")));
  EXPECT_THAT(FaultsOfModels(std::string(kOneModel) + "    batch: {max_calls: 0}\n"),
              HasSubstr("batch.max_calls: must be"));
}

// Which of two gets a document depends on load: after a crash, with paid calls in a batch, it would be the other.
TEST(JobModelsTest, AStagesModelsHaveBatchesAllOrNone) {
  const std::string two = std::string(kOneModel) + R"(    batch: {}
  - name: other
    base_urls: [http://127.0.0.1:8001/v1]
    model: m
)";
  EXPECT_EQ(FaultsOfModels(two + "verifier: {llm: {models: [other]}}\n"), "");
  EXPECT_THAT(FaultsOfModels(two + "verifier: {llm: {models: [small, other]}}\n"),
              HasSubstr("verifier.llm.models: some have batch and some have not"));
}

}  // namespace
}  // namespace quern::config

// Asking where replies are kept: what is taken instead of a call, and what is never kept.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "common/llm/asking.h"
#include "common/llm/reply_key.h"
#include "tests/unit/common/dataset/temporary_folder.h"
#include "tests/unit/common/llm/client_calls.h"

namespace quern::llm {
namespace {

using ::quern::testing::JobAsking;
using ::quern::testing::ScriptedModel;

const ReplySchema kReuseSchema = {"test", R"({"type":"object"})"};

// What a test's observer was told of.
class CountingObserver : public CallObserver {
 public:
  void Observe(const CallReport&) override { ++calls; }
  void ObserveReuse(const ReuseReport& report) override {
    ++reused;
    saved_input = report.usage.input;
    saved_cost = report.cost;
    document = std::string(report.document);
  }
  int calls = 0;
  int reused = 0;
  uint64_t saved_input = 0;
  double saved_cost = 0;
  std::string document;
};

class ReplyReuseTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto cache = ReplyCache::Open({folder_ / "cache", 4 << 20});
    ASSERT_TRUE(cache.ok()) << cache.status();
    cache_ = *std::move(cache);
    hub_ = std::make_unique<Hub>(&ledger_, &observer_, nullptr, cache_.get());
    model_ = std::make_unique<ScriptedModel>([this](const std::string&) {
      const std::string reply = replies_.at(std::min(next_, replies_.size() - 1));
      ++next_;
      return reply;
    });
    job_ = JobAsking({model_->base_url()});
    job_.mutable_models(0)->mutable_price()->set_input(2);
    request_ = Question();
    request_.schema = &kReuseSchema;
  }

  // Takes objects whose "n" is `wanted_`, any text where that is empty.
  Asked Ask() {
    const auto client = ClientOf(hub_.get(), job_);
    const Accept accept = [this](const simdjson::dom::object& object) -> absl::Status {
      auto read = StringOf(object, "n");
      if (!read.ok()) return read.status();
      if (!wanted_.empty() && *read != wanted_) return absl::InvalidArgumentError("\"n\" must be another");
      taken_ = *read;
      return absl::OkStatus();
    };
    return testing::RunOne(AskForObject(*client, request_, accept));
  }
  size_t calls() const { return model_->bodies().size(); }

  dataset::TemporaryFolder folder_;
  TestLedger ledger_;
  CountingObserver observer_;
  std::unique_ptr<ReplyCache> cache_;
  std::unique_ptr<Hub> hub_;
  std::vector<std::string> replies_ = {R"({"n": "four"})", R"({"n": "five"})"};
  size_t next_ = 0;
  std::unique_ptr<ScriptedModel> model_;
  v1::JobSpec job_;
  ChatRequest request_;
  std::string wanted_;
  std::string taken_;
};

TEST_F(ReplyReuseTest, TheSameQuestionIsAnsweredWithoutACall) {
  const Asked first = Ask();
  ASSERT_FALSE(first.failure);
  EXPECT_EQ(first.reused, 0u);
  // Neither money nor a place is needed.
  ledger_.AnswerCheck(MakeError(absl::StatusCode::kResourceExhausted, "BUDGET_SPENT", "spent"));
  hub_->Stop();
  taken_.clear();
  const Asked second = Ask();
  EXPECT_FALSE(second.failure);
  EXPECT_EQ(taken_, "four");
  EXPECT_EQ(second.reused, 1u);
  EXPECT_EQ(second.calls, 0u);
  EXPECT_EQ(second.usage.input, 0u);
  EXPECT_EQ(second.cost, 0);
  EXPECT_EQ(second.reply.SerializeAsString(), first.reply.SerializeAsString());
  EXPECT_EQ(calls(), 1u);
  EXPECT_EQ(ledger_.total().calls(), 1u);
  EXPECT_EQ(ledger_.total().input_tokens(), 10u);
  EXPECT_EQ(ledger_.total().reused_replies(), 1u);
  EXPECT_EQ(observer_.reused, 1);
  EXPECT_EQ(observer_.calls, 1);
  EXPECT_EQ(observer_.saved_input, 10u);
  EXPECT_NEAR(observer_.saved_cost, 20e-6, 1e-12);
  EXPECT_EQ(observer_.document, "document");
}

TEST_F(ReplyReuseTest, AReplyToTheCorrectionIsKeptUnderTheFirstQuestion) {
  replies_ = {"no object", R"({"n": "four"})"};
  ASSERT_FALSE(Ask().failure);
  EXPECT_EQ(calls(), 2u);
  taken_.clear();
  EXPECT_EQ(Ask().reused, 1u);
  EXPECT_EQ(taken_, "four");
  EXPECT_EQ(calls(), 2u);
}

TEST_F(ReplyReuseTest, AReplyThatWasRefusedIsNotKept) {
  replies_ = {"no object", "again no object", R"({"n": "four"})"};
  EXPECT_TRUE(Ask().failure);
  EXPECT_EQ(calls(), 2u);
  const Asked retry = Ask();
  EXPECT_FALSE(retry.failure);
  EXPECT_EQ(retry.reused, 0u);
  EXPECT_EQ(calls(), 3u);
}

TEST_F(ReplyReuseTest, AKeptReplyThatNoLongerDoesIsAskedForAnewAndReplaced) {
  ASSERT_FALSE(Ask().failure);
  wanted_ = "five";
  EXPECT_EQ(Ask().reused, 0u);
  EXPECT_EQ(taken_, "five");
  EXPECT_EQ(calls(), 2u);
  EXPECT_EQ(Ask().reused, 1u);
  EXPECT_EQ(taken_, "five");
  EXPECT_EQ(calls(), 2u);
}

TEST_F(ReplyReuseTest, AJobMayNeitherTakeNorKeep) {
  ASSERT_FALSE(Ask().failure);
  job_.set_reply_cache(false);
  EXPECT_EQ(Ask().reused, 0u);
  EXPECT_EQ(taken_, "five");
  job_.set_reply_cache(true);
  EXPECT_EQ(Ask().reused, 1u);
  EXPECT_EQ(taken_, "four") << "the second reply was not kept";
  EXPECT_EQ(calls(), 2u);
}

TEST_F(ReplyReuseTest, WhereAModelIsServedAndWhatAJobCallsItDoNotMatter) {
  ASSERT_FALSE(Ask().failure);
  job_.mutable_models(0)->set_name("other");
  job_.mutable_models(0)->set_base_urls(0, "http://127.0.0.1:1/v1");
  job_.mutable_generator()->mutable_llm()->set_models(0, "other");
  request_.job = "another";
  request_.affinity = "another document of the same text";
  const Asked asked = Ask();
  EXPECT_EQ(asked.reused, 1u);
  EXPECT_EQ(asked.reply.model(), "other");
  EXPECT_EQ(calls(), 1u);
}

// A stage with several models takes the reply of whichever of them was asked.
TEST_F(ReplyReuseTest, TheReplyOfAnyOfTheStagesModelsIsTaken) {
  ASSERT_FALSE(Ask().failure);
  v1::ModelSpec* second = job_.add_models();
  *second = job_.models(0);
  second->set_name("second");
  second->set_model("another");
  job_.mutable_generator()->mutable_llm()->add_models("second");
  for (const char* document : {"a", "b", "c", "d", "e", "f"}) {
    request_.affinity = document;
    const Asked asked = Ask();
    EXPECT_EQ(asked.reused, 1u);
    EXPECT_EQ(asked.reply.model(), "m");
  }
}

TEST(ReplyKeyTest, ChangesWithAllThatAnAnswerFollowsFrom) {
  static const ReplySchema kOther = {"test", R"({"type":"array"})"};
  const v1::JobSpec job = JobAsking({"http://h/v1"});
  const v1::ModelSpec& model = job.models(0);
  const v1::Sampling& sampling = job.generator().llm().sampling();
  ChatRequest request = Question();
  request.schema = &kReuseSchema;
  std::set<std::string> keys = {ReplyKey(model, sampling, request)};
  const auto expect_new = [&keys](const std::string& key, const char* what) {
    EXPECT_EQ(key.size(), 32u);
    EXPECT_TRUE(keys.insert(key).second) << what;
  };
  for (const auto& [what, change] : std::map<const char*, void (*)(v1::ModelSpec*, v1::Sampling*, ChatRequest*)>{
           {"model", [](v1::ModelSpec*m, v1::Sampling*, ChatRequest*) { m->set_model("other"); }},
           {"extra_body", [](v1::ModelSpec*m, v1::Sampling*, ChatRequest*) { m->set_extra_body("{}"); }},
           {"temperature", [](v1::ModelSpec*, v1::Sampling*s, ChatRequest*) { s->set_temperature(0.25); }},
           {"no temperature", [](v1::ModelSpec*, v1::Sampling*s, ChatRequest*) { s->clear_temperature(); }},
           {"top_p", [](v1::ModelSpec*, v1::Sampling*s, ChatRequest*) { s->set_top_p(0.25); }},
           {"max_tokens", [](v1::ModelSpec*, v1::Sampling*s, ChatRequest*) { s->set_max_tokens(7); }},
           {"seed", [](v1::ModelSpec*, v1::Sampling*s, ChatRequest*) { s->set_seed(0); }},
           {"sample", [](v1::ModelSpec*, v1::Sampling*, ChatRequest*r) { r->sample = 1; }},
           {"task", [](v1::ModelSpec*, v1::Sampling*, ChatRequest*r) { r->task += " "; }},
           {"frame", [](v1::ModelSpec*, v1::Sampling*,
                        ChatRequest*r) { r->frame = std::make_shared<const DocumentFrame>(v1::Document()); }},
           {"schema", [](v1::ModelSpec*, v1::Sampling*, ChatRequest*r) { r->schema = &kOther; }},
           {"no schema", [](v1::ModelSpec*, v1::Sampling*, ChatRequest*r) { r->schema = nullptr; }},
       }) {
    v1::ModelSpec changed_model = model;
    v1::Sampling changed_sampling = sampling;
    ChatRequest changed_request = request;
    change(&changed_model, &changed_sampling, &changed_request);
    expect_new(ReplyKey(changed_model, changed_sampling, changed_request), what);
  }
}

}  // namespace
}  // namespace quern::llm

// What the verifier stage asks models, in which order, and what it makes of their replies.
#include "services/verifier/model_verifier_stage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "common/base/error.h"
#include "tests/support/models.h"

namespace quern::verifier {
namespace {

using ::quern::testing::JobAsking;
using ::quern::testing::ScriptedModel;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::string VerdictOf(bool context, bool correct, bool leak) {
  return nlohmann::json({{"reason", "so"}, {"context", context}, {"correct", correct}, {"leak", leak}}).dump();
}

std::string AnswerOf(const std::string& answer) { return nlohmann::json({{"answer", answer}}).dump(); }

const std::string kPasses = VerdictOf(true, true, false);

class ModelVerifierStageTest : public ::testing::Test {
 protected:
  ModelVerifierStageTest() {
    for (auto* llm :
         {spec_.mutable_llm(), spec_.mutable_open_book()->mutable_llm(), spec_.mutable_closed_book()->mutable_llm()}) {
      llm->add_models("m");
      llm->mutable_sampling()->set_max_tokens(100);
    }
    spec_.set_votes(1);
    spec_.mutable_closed_book()->set_max_rate(1);
  }

  // What each of the stage's three questions is answered with, one after the other; the last one again and again.
  std::vector<std::string> verdicts_ = {kPasses};
  std::vector<std::string> open_book_ = {AnswerOf("Canberra")};
  std::vector<std::string> closed_book_ = {AnswerOf("Canberra")};

  stage::Outcome Decide(const std::string& question = "What is the capital of Australia?") {
    asked_.clear();
    model_ = std::make_unique<ScriptedModel>([this](const std::string& prompt) {
      if (prompt.find("Judge three things") != std::string::npos) return Next("verdict", verdicts_);
      if (prompt.find("by the document alone") != std::string::npos) return Next("open_book", open_book_);
      if (prompt.find("not usable") != std::string::npos) return Next("verdict again", verdicts_);
      return Next("closed_book", closed_book_);
    });
    v1::JobSpec job = JobAsking({model_->base_url()});
    // The same server under another name.
    *job.add_models() = job.models(0);
    job.mutable_models(1)->set_name("other");
    *job.mutable_verifier() = spec_;
    Options options;
    options.model_judges = true;
    auto stage = ModelVerifierStage::Make(job, options, nullptr, &hub_);
    if (!stage.ok()) throw std::runtime_error(stage.status().ToString());
    auto document = std::make_shared<v1::Document>();
    document->set_id("d");
    document->set_text("Its government sits in Canberra.");
    v1::WorkItem item;
    item.set_document_id("d");
    if (!question.empty()) {
      item.mutable_question_answer()->set_question(question);
      item.mutable_question_answer()->set_answer("Canberra");
    }
    return testing::RunOne((*stage)->Process(stage::StageInput(document, item)));
  }

  std::string Next(const std::string& task, const std::vector<std::string>& replies) {
    const size_t at = asked_[task]++;
    return replies.at(std::min(at, replies.size() - 1));
  }

  static const v1::Check* CheckNamed(const v1::WorkItem& item, const std::string& name) {
    for (const v1::Check& check : item.checks()) {
      if (check.name() == name) return &check;
    }
    return nullptr;
  }

  // "passed" or the rejection's reason.
  static std::string ReasonOf(const stage::Outcome& outcome) {
    if (std::holds_alternative<stage::Advance>(outcome)) return "passed";
    if (const auto* fault = std::get_if<stage::Fault>(&outcome)) return fault->status.ToString();
    return std::get<stage::Reject>(outcome).rejection.reason();
  }

  v1::VerifierSpec spec_;
  llm::Hub hub_{nullptr, nullptr};
  std::map<std::string, int> asked_;
  std::unique_ptr<ScriptedModel> model_;
};

TEST_F(ModelVerifierStageTest, AsksOnceAndNotesWhatTheModelFound) {
  const stage::Outcome outcome = Decide();
  ASSERT_EQ(ReasonOf(outcome), "passed");
  const v1::WorkItem& item = std::get<stage::Advance>(outcome).outputs.at(0);
  for (const char* name : {"model_context", "model_correct", "model_not_leaked"}) {
    ASSERT_NE(CheckNamed(item, name), nullptr) << name;
    EXPECT_TRUE(CheckNamed(item, name)->passed());
  }
  EXPECT_EQ(CheckNamed(item, "open_book"), nullptr) << "not asked for";
  EXPECT_EQ(CheckNamed(item, "closed_book"), nullptr);
  ASSERT_EQ(item.trace_size(), 1);
  EXPECT_EQ(item.trace(0).calls(), 1u);
  EXPECT_EQ(item.trace(0).model(), "m");
  EXPECT_EQ(item.question_answer().answer_span().begin(), 23u) << "where the answer stands";
  const std::string prompt = model_->prompts().at(0);
  EXPECT_THAT(prompt, HasSubstr("Its government sits in Canberra."));
  EXPECT_THAT(prompt, HasSubstr("Question: What is the capital of Australia?\nAnswer: Canberra"));
}

TEST_F(ModelVerifierStageTest, EachFindingHasAReason) {
  const std::map<std::string, std::string> findings = {{VerdictOf(false, true, false), "NO_CONTEXT"},
                                                       {VerdictOf(true, false, false), "INCORRECT"},
                                                       {VerdictOf(true, true, true), "LEAKS"},
                                                       {VerdictOf(false, false, true), "NO_CONTEXT"}};
  spec_.mutable_open_book()->set_enabled(true);
  for (const auto& [verdict, reason] : findings) {
    verdicts_ = {verdict};
    const stage::Outcome outcome = Decide();
    EXPECT_EQ(ReasonOf(outcome), reason);
    const auto& reject = std::get<stage::Reject>(outcome);
    EXPECT_EQ(reject.rejection.stage(), v1::STAGE_NAME_VERIFIER);
    EXPECT_EQ(reject.rejection.reply().text(), verdict);
    EXPECT_EQ(reject.item.trace(0).calls(), 1u);
    EXPECT_FALSE(reject.item.checks(reject.item.checks_size() - 1).passed());
    EXPECT_EQ(asked_["open_book"], 0) << "what is rejected costs no more";
  }
}

TEST_F(ModelVerifierStageTest, WhatRulesRejectCostsNoCall) {
  EXPECT_EQ(ReasonOf(Decide("Which city?")), "BAD_LENGTH");
  EXPECT_TRUE(model_->bodies().empty());
  EXPECT_THAT(ReasonOf(Decide("")), HasSubstr("the item has no question"));
}

TEST_F(ModelVerifierStageTest, VotesStopWhenTheMajorityIsDecided) {
  spec_.set_votes(5);
  const std::string fails = VerdictOf(true, false, false);
  struct Case {
    std::vector<std::string> votes;
    std::string reason;
    int asked;
    std::string detail;
  };
  for (const Case& vote : {Case{{kPasses}, "passed", 3, "3 of 3 votes"}, Case{{fails}, "INCORRECT", 3, "0 of 3 votes"},
                           Case{{fails, kPasses, fails, kPasses}, "passed", 5, "3 of 5 votes"},
                           Case{{kPasses, fails, kPasses, fails}, "INCORRECT", 5, "2 of 5 votes"},
                           Case{{kPasses, fails, kPasses, kPasses}, "passed", 4, "3 of 4 votes"}}) {
    verdicts_ = vote.votes;
    const stage::Outcome outcome = Decide();
    EXPECT_EQ(ReasonOf(outcome), vote.reason);
    EXPECT_EQ(asked_["verdict"], vote.asked);
    const auto* advance = std::get_if<stage::Advance>(&outcome);
    const v1::WorkItem& item = advance != nullptr ? advance->outputs.at(0) : std::get<stage::Reject>(outcome).item;
    EXPECT_EQ(CheckNamed(item, "model_correct")->detail(), vote.detail);
    EXPECT_EQ(item.trace(0).calls(), static_cast<uint32_t>(vote.asked));
  }
}

TEST_F(ModelVerifierStageTest, VotesAreSampledApart) {
  spec_.set_votes(3);
  Decide();
  std::set<std::string> different;
  for (const std::string& body : model_->bodies()) different.insert(body);
  EXPECT_EQ(different.size(), model_->bodies().size()) << "the same request twice may be the same reply twice";
}

TEST_F(ModelVerifierStageTest, TheOpenBookAnswerMustBeTheSame) {
  spec_.mutable_open_book()->set_enabled(true);
  open_book_ = {AnswerOf("canberra.")};
  EXPECT_EQ(ReasonOf(Decide()), "passed");
  EXPECT_THAT(model_->prompts().at(1), HasSubstr("Its government sits in"));
  EXPECT_THAT(model_->prompts().at(1), Not(HasSubstr("Answer: Canberra"))) << "it is not told";
  for (const char* other : {"Sydney", ""}) {
    open_book_ = {AnswerOf(other)};
    const stage::Outcome outcome = Decide();
    EXPECT_EQ(ReasonOf(outcome), "OPEN_BOOK_DIFFERS");
    EXPECT_EQ(std::get<stage::Reject>(outcome).rejection.reply().task(), "open_book");
  }
}

TEST_F(ModelVerifierStageTest, TheClosedBookRateIsNotedAndHeldToItsBounds) {
  spec_.mutable_closed_book()->set_samples(4);
  spec_.mutable_closed_book()->set_min_rate(0.25);
  spec_.mutable_closed_book()->set_max_rate(0.75);
  spec_.mutable_closed_book()->mutable_llm()->set_models(0, "other");
  const std::string right = AnswerOf("Canberra");
  const std::string wrong = AnswerOf("Sydney");
  struct Case {
    std::vector<std::string> answers;
    double rate;
    std::string detail;
    // 0: kept.
    double threshold;
  };
  for (const Case& rate : {Case{{right, wrong}, 0.25, "1 of 4 right", 0}, Case{{wrong, right}, 0.75, "3 of 4 right", 0},
                           Case{{wrong}, 0, "0 of 4 right", 0.25}, Case{{right}, 1, "4 of 4 right", 0.75}}) {
    closed_book_ = rate.answers;
    const stage::Outcome outcome = Decide();
    EXPECT_EQ(asked_["closed_book"], 4);
    const auto* reject = std::get_if<stage::Reject>(&outcome);
    const v1::WorkItem& item = reject != nullptr ? reject->item : std::get<stage::Advance>(outcome).outputs.at(0);
    EXPECT_EQ(CheckNamed(item, "closed_book")->detail(), rate.detail);
    EXPECT_EQ(item.trace(0).model(), "m") << "the judge's, not that of the last who was asked";
    EXPECT_EQ(reject == nullptr, rate.threshold == 0) << rate.rate;
    if (reject == nullptr) continue;
    EXPECT_EQ(reject->rejection.reason(), "CLOSED_BOOK_RATE");
    EXPECT_DOUBLE_EQ(reject->rejection.value(), rate.rate);
    EXPECT_DOUBLE_EQ(reject->rejection.threshold(), rate.threshold);
  }
  for (size_t i = 1; i < model_->prompts().size(); ++i) {
    EXPECT_THAT(model_->prompts()[i], Not(HasSubstr("Its government sits in"))) << "the book is closed";
  }
}

TEST_F(ModelVerifierStageTest, AVerdictWithoutItsKeysIsTheItemsFault) {
  verdicts_ = {R"({"reason": "so", "context": true, "correct": "yes", "leak": false})"};
  const stage::Outcome outcome = Decide();
  const auto& fault = std::get<stage::Fault>(outcome);
  EXPECT_EQ(fault.of, stage::Fault::Of::kItem);
  EXPECT_EQ(ErrorReason(fault.status), "SCHEMA_MISMATCH");
  EXPECT_EQ(fault.reply.task(), "verdict");
  EXPECT_EQ(fault.reply.text(), verdicts_[0]);
  EXPECT_EQ(asked_["verdict"], 1);
  EXPECT_EQ(asked_["verdict again"], 1) << "the second time it is shown what was wrong";
}

}  // namespace
}  // namespace quern::verifier

#include <gtest/gtest.h>

#include <string>

#include "services/simulator/fixed_answers.h"
#include "services/simulator/rule_answers.h"
#include "services/verifier/verifier.h"
#include "tests/support/prose.h"
#include "tests/unit/services/simulator/prompts.h"

namespace quern::simulator {
namespace {

using nlohmann::ordered_json;

class AnswersTest : public ::testing::Test {
 protected:
  static ordered_json Ask(Answers& answers, const std::string& prompt, const char* schema, uint64_t sample = 0) {
    return answers.Make(ReadPrompt(prompt, schema), sample);
  }

  KnownAnswers known_{0.3, 1};
  RuleAnswers rules_{known_};
  FixedAnswers fixed_{known_};
};

TEST_F(AnswersTest, RulesTakeADocumentThroughAllStages) {
  EXPECT_EQ(Ask(rules_, PromptOf(kBoron, ""), "quern_filter")["deep"], true);
  const ordered_json personas = Ask(rules_, PromptOf(kBoron, ""), "quern_personas");
  ASSERT_EQ(personas["personas"].size(), 3U);
  const std::string second = personas["personas"][1];
  const ordered_json pair = Ask(rules_, PromptOf(kBoron, "Persona: Dr. X, " + second), "quern_question");
  EXPECT_EQ(pair["question"], "What is the atomic weight of boron?");
  EXPECT_EQ(pair["answer"], "10.811");
  EXPECT_EQ(pair["quote"], "The atomic weight of boron is 10.811.");
  const std::string question = pair["question"];
  const ordered_json verdict =
      Ask(rules_, PromptOf(kBoron, "Question: " + question + "\nAnswer: 10.811"), "quern_verdict");
  EXPECT_EQ(verdict["context"], true);
  EXPECT_EQ(verdict["correct"], true);
  EXPECT_EQ(verdict["leak"], false);
  EXPECT_EQ(Ask(rules_, PromptOf(kBoron, "Question: " + question), "quern_answer")["answer"], "10.811");
}

TEST_F(AnswersTest, DomainsAreThoseOfThePrompt) {
  const auto domain = [](Answers& answers, const std::string& domains) {
    return Ask(answers, PromptOf(kBoron, domains.empty() ? "" : "Domains: " + domains), "quern_personas")["domain"];
  };
  const std::string found = domain(rules_, "");
  EXPECT_NE(found, "Other");
  EXPECT_EQ(domain(rules_, "Law; " + found + "; Other"), found);
  EXPECT_EQ(domain(rules_, "Law; Finance; Other"), "Other");
  EXPECT_EQ(domain(rules_, "Law"), "Law");
  EXPECT_EQ(domain(fixed_, "Law"), "Law");
  EXPECT_EQ(domain(fixed_, ""), "Other");
}

TEST_F(AnswersTest, RulesAskNothingWhereAPersonaFindsNoFact) {
  const std::string document = "The atomic weight of boron is 10.811.";
  const ordered_json personas = Ask(rules_, PromptOf(document, ""), "quern_personas");
  const std::string first = personas["personas"][0];
  const std::string third = personas["personas"][2];
  EXPECT_NE(Ask(rules_, PromptOf(document, "Persona: " + first), "quern_question")["question"], "");
  EXPECT_EQ(Ask(rules_, PromptOf(document, "Persona: " + third), "quern_question")["question"], "");
  EXPECT_EQ(Ask(rules_, PromptOf("Nothing.", "Persona: x"), "quern_question")["question"], "");
}

TEST_F(AnswersTest, RulesTellBadPairs) {
  const auto verdict = [&](const std::string& pair) { return Ask(rules_, PromptOf(kBoron, pair), "quern_verdict"); };
  EXPECT_EQ(verdict("Question: What is the atomic weight of boron?\nAnswer: 11.5")["correct"], false);
  EXPECT_EQ(verdict("Question: Is 10.811 the atomic weight of boron?\nAnswer: 10.811")["leak"], true);
  EXPECT_EQ(verdict("Question: What is its atomic weight?\nAnswer: 10.811")["context"], false);
  EXPECT_EQ(verdict("")["correct"], false);
}

TEST_F(AnswersTest, KnowsAShareOfItsQuestionsByHeart) {
  const std::string closed = "Question: Of which weight is it?\n";
  EXPECT_EQ(Ask(rules_, closed, "quern_answer")["answer"], "I do not know");
  known_.Remember("Of which weight is it?", "10.811");
  int right = 0;
  for (uint64_t sample = 0; sample < 1000; ++sample) {
    const ordered_json answer = Ask(rules_, closed, "quern_answer", sample);
    EXPECT_EQ(answer, Ask(rules_, closed, "quern_answer", sample));
    right += answer["answer"] == "10.811" ? 1 : 0;
  }
  EXPECT_NEAR(right, 300, 60);
}

TEST_F(AnswersTest, FixedPairsPassEveryCheck) {
  int asked = 0;
  for (uint64_t number = 0; number < 50; ++number) {
    const testing::ProseDocument prose = testing::MakeProse(number, 2000);
    const ordered_json answer = Ask(fixed_, PromptOf(prose.text, "Persona: x", prose.title), "quern_question");
    if (answer["question"] == "") continue;
    ++asked;
    v1::Document document;
    document.set_text(prose.text);
    v1::QuestionAnswer pair;
    pair.set_question(answer["question"].get<std::string>());
    pair.set_answer(answer["answer"].get<std::string>());
    const verifier::Verdict verdict = verifier::Verify(document, pair, verifier::Options());
    EXPECT_TRUE(verdict.passed) << pair.question() << " " << pair.answer() << ": " << verdict.message;
    EXPECT_NE(prose.text.find(answer["quote"].get<std::string>()), std::string::npos);
    EXPECT_EQ(Ask(fixed_, PromptOf(prose.text, "Question: " + pair.question()), "quern_answer")["answer"],
              pair.answer());
  }
  EXPECT_EQ(asked, 50);
}

TEST_F(AnswersTest, FixedAnswersReadAnything) {
  for (const char* text : {"", " ", "\xFF\xFE", "one two three", "a\nb\nc\nd\ne\nf\ng\nh\ni"}) {
    EXPECT_EQ(Ask(fixed_, PromptOf(text, ""), "quern_question")["question"], "") << text;
  }
}

}  // namespace
}  // namespace quern::simulator

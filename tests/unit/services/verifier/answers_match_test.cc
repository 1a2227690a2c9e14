#include "services/verifier/answers_match.h"

#include <gtest/gtest.h>

namespace quern::verifier {
namespace {

struct AnswerPair {
  const char* a;
  const char* b;
};

TEST(AnswersMatchTest, AnswersThatSayTheSameMatch) {
  for (const AnswerPair& pair : {
           AnswerPair{"Canberra", "canberra."},
           {"the Treaty of Rome", "Treaty of Rome"},
           {"a whale", "A whale!"},
           {"1,200 km", "1200 km"},
           {"1,234,567.50", "1234567.5"},
           {"16 July 1969", "16 July, 1969"},
           {"-5", "-5.0"},
           {"(-5)", "-5"},
           {"-5 °C", "-5.0 °C"},
           {"12 %", "12 percent"},
           {"12%", "12 percent"},
           {"H2O", "h2o"},
           {"\"Nabucco\"", "Nabucco"},
           {"x = 4", "x=4"},
           {"Überlingen", "Überlingen."},
       }) {
    EXPECT_TRUE(AnswersMatch(pair.a, pair.b)) << pair.a << " / " << pair.b;
    EXPECT_TRUE(AnswersMatch(pair.b, pair.a)) << pair.b << " / " << pair.a;
  }
}

TEST(AnswersMatchTest, AnswersThatSayAnythingElseDoNot) {
  for (const AnswerPair& pair : {
           AnswerPair{"Canberra", "Sydney"},
           {"Treaty of Rome", "Rome"},
           {"3.14", "314"},
           {"3,14", "314"},
           {"1,2,3", "123"},
           {"-5", "5"},
           {"(-5)", "5"},
           {"1200 km", "1200 miles"},
           {"1200 km", "1200"},
           {"1969", "1968"},
           {"16 July 1969", "July 16 1969"},
           {"12 percent", "12"},
           {"yes", "no"},
           {"four", "4"},
           {"", "Canberra"},
           {"...", "!"},
           {"the", "a"},
       }) {
    EXPECT_FALSE(AnswersMatch(pair.a, pair.b)) << pair.a << " / " << pair.b;
    EXPECT_FALSE(AnswersMatch(pair.b, pair.a)) << pair.b << " / " << pair.a;
  }
  EXPECT_FALSE(AnswersMatch("", "")) << "no answer is no answer";
}

TEST(AnswersMatchTest, HyphensAndRangesAreNoSigns) {
  EXPECT_TRUE(AnswersMatch("1914-1918", "1914 - 1918"));
  EXPECT_TRUE(AnswersMatch("COVID-19", "covid 19"));
  EXPECT_FALSE(AnswersMatch("1914-1918", "1914-1919"));
}

}  // namespace
}  // namespace quern::verifier

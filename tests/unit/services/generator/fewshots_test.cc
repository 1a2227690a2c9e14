#include "services/generator/fewshots.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "absl/strings/str_replace.h"
#include "common/base/error.h"

namespace quern::generator {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kDomainNames[] = {"Math",
                                        "Technology & Engineering",
                                        "Coding",
                                        "Social Science",
                                        "Natural Science",
                                        "Travel & Lifestyle",
                                        "Commerce & Economics",
                                        "Medicine & Health",
                                        "Education",
                                        "Other"};

std::set<std::string> Questions(const std::vector<const Fewshot*>& drawn) {
  std::set<std::string> questions;
  for (const Fewshot* fewshot : drawn) {
    const size_t begin = fewshot->find("{\"question\":");
    questions.insert(fewshot->substr(begin, fewshot->find("\"answer\":", begin) - begin));
  }
  return questions;
}

TEST(FewshotsTest, EachDomainHasTwelveOfItsOwn) {
  std::set<std::string> all;
  for (const char* domain : kDomainNames) {
    const auto drawn = Fewshots::Builtin().Draw(domain, 100, 1);
    EXPECT_EQ(drawn.size(), 12u) << domain;
    EXPECT_EQ(Questions(drawn).size(), 12u) << domain << " says something twice";
    all.merge(Questions(drawn));
  }
  EXPECT_EQ(all.size(), 120u);
}

TEST(FewshotsTest, DrawsTheSameForTheSameSeedAndOthersForOthers) {
  std::set<std::set<std::string>> draws;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    const auto drawn = Fewshots::Builtin().Draw("Math", 2, seed);
    ASSERT_EQ(drawn.size(), 2u);
    EXPECT_NE(drawn[0], drawn[1]);
    EXPECT_EQ(Fewshots::Builtin().Draw("Math", 2, seed), drawn);
    draws.insert(Questions(drawn));
  }
  EXPECT_GT(draws.size(), 20u);
}

TEST(FewshotsTest, EveryExampleHasItsTurn) {
  std::set<std::string> seen;
  for (uint64_t seed = 0; seed < 200; ++seed) seen.merge(Questions(Fewshots::Builtin().Draw("Coding", 1, seed)));
  EXPECT_EQ(seen.size(), 12u);
}

TEST(FewshotsTest, ADomainWithoutExamplesTakesOthers) {
  const Fewshots& builtin = Fewshots::Builtin();
  EXPECT_EQ(builtin.Draw("Beekeeping", 3, 7), builtin.Draw("Other", 3, 7));
  EXPECT_TRUE(builtin.Draw("Math", 0, 7).empty());
}

constexpr char kBees[] =
    R"({"domain":"Bees","persona":"a keeper","document":"Bees fly.","question":"What flies?","answer":"bees"})";

TEST(FewshotsTest, AJobsOwnReplaceQuerns) {
  const auto own = Fewshots::FromLines(std::string("\n") + kBees + "\r\n\n", {"Bees"});
  ASSERT_TRUE(own.ok()) << own.status();
  const auto drawn = own->Draw("Bees", 2, 1);
  ASSERT_EQ(drawn.size(), 1u);
  EXPECT_THAT(*drawn[0], HasSubstr("Persona: a keeper\n"));
  EXPECT_TRUE(own->Draw("Math", 2, 1).empty()) << "there is no Other either";
}

TEST(FewshotsTest, NamesTheLineThatIsWrong) {
  struct Case {
    std::string line;
    const char* told;
  };
  for (const Case& wrong : {
           Case{"{", "line 3 is not a JSON object"},
           Case{"[1]", "line 3 is not a JSON object"},
           Case{R"({"domain":"D","persona":"p","document":"d","question":"q"})",
                "line 3 has no text in the field answer"},
           Case{R"({"domain":"D","persona":1,"document":"d","question":"q","answer":"a"})",
                "line 3 has no text in the field persona"},
           Case{R"({"domain":"D","persona":"p","document":"d","question":"","answer":"a"})",
                "line 3 has no text in the field question"},
           Case{R"({"persona":"p","document":"d","question":"q","answer":"a"})", "line 3 has no domain"},
       }) {
    const absl::Status status = Fewshots::FromLines(std::string(kBees) + "\n\n" + wrong.line, {"Bees"}).status();
    EXPECT_EQ(ErrorReason(status), "INVALID_SPEC") << wrong.line;
    EXPECT_THAT(std::string(status.message()), HasSubstr(wrong.told)) << wrong.line;
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr("Bees"))) << "no text of documents";
  }
}

TEST(FewshotsTest, ADomainThatNoDocumentHasIsAMistake) {
  const absl::Status status = Fewshots::FromLines(kBees, {"Wasps", "Ants"}).status();
  EXPECT_EQ(ErrorReason(status), "INVALID_SPEC");
  EXPECT_THAT(std::string(status.message()), HasSubstr("the domain \"Bees\"; the domains are: Wasps; Ants"));
  EXPECT_FALSE(Fewshots::FromLines(kBees, {}).ok()) << "nor has the default taxonomy bees";
  const std::string other = absl::StrReplaceAll(kBees, {{"\"Bees\"", "\"Other\""}});
  EXPECT_TRUE(Fewshots::FromLines(other, {"Wasps"}).ok()) << "which documents of all domains may be shown";
}

TEST(FewshotTextTest, ShowsDocumentPersonaAndReplyInItsForm) {
  const auto own = Fewshots::FromLines(kBees, {"Bees"});
  ASSERT_TRUE(own.ok());
  EXPECT_THAT(
      FewshotText(own->Draw("Bees", 1, 1)),
      HasSubstr("Document: Bees fly.\nPersona: a keeper\n{\"question\":\"What flies?\",\"answer\":\"bees\"}\n"));
  EXPECT_EQ(FewshotText({}), "");
}

}  // namespace
}  // namespace quern::generator

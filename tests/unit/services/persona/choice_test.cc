#include "services/persona/choice.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "services/persona/builtin.h"

namespace quern::persona {
namespace {

constexpr size_t kMedicine = 7;

WordCounts WordsOf(std::string_view text) {
  WordCounts words;
  CountWords(text, 1, words);
  return words;
}

const std::vector<CataloguePersona>& Medicine() { return BuiltinCatalogue().Of(kMedicine); }

TEST(ChoiceTest, IsFixedByDocumentAndSeed) {
  const WordCounts words = WordsOf("The nurse gave the patient a dose of the drug.");
  const auto chosen = ChoosePersonas(Medicine(), words, "doc", 5, 3);
  EXPECT_EQ(chosen.size(), 3u);
  EXPECT_EQ(chosen, ChoosePersonas(Medicine(), words, "doc", 5, 3));
}

TEST(ChoiceTest, NamesNobodyTwice) {
  for (int i = 0; i < 200; ++i) {
    const auto chosen = ChoosePersonas(Medicine(), WordsOf("patient"), "doc" + std::to_string(i), 0, 8);
    EXPECT_EQ(std::set<size_t>(chosen.begin(), chosen.end()).size(), 8u);
  }
}

TEST(ChoiceTest, GivesWhatThereIs) {
  EXPECT_EQ(ChoosePersonas({Medicine()[0]}, WordsOf("a"), "doc", 0, 3).size(), 1u);
  EXPECT_TRUE(ChoosePersonas({}, WordsOf("a"), "doc", 0, 3).empty());
}

// Personas that always come in threes would ask the same kind of question of a whole corpus.
TEST(ChoiceTest, SpreadsOverDocumentsOfOneSubject) {
  const WordCounts words = WordsOf("disease");
  std::map<size_t, int> times;
  for (int i = 0; i < 300; ++i) {
    for (const size_t index : ChoosePersonas(Medicine(), words, std::to_string(i), 0, 3)) ++times[index];
  }
  EXPECT_EQ(times.size(), Medicine().size());
  for (const auto& [index, count] : times) EXPECT_LT(count, 250) << Medicine()[index].id;
}

TEST(ChoiceTest, TheSeedChangesTheChoice) {
  int changed = 0;
  for (int i = 0; i < 100; ++i) {
    const std::string id = std::to_string(i);
    changed += ChoosePersonas(Medicine(), WordsOf("x"), id, 1, 3) != ChoosePersonas(Medicine(), WordsOf("x"), id, 2, 3);
  }
  EXPECT_GT(changed, 80);
}

TEST(ChoiceTest, KeywordsDrawTheirPersona) {
  const WordCounts words = WordsOf("The dentist looked at the tooth: caries below the enamel, and the gum was sore.");
  int dentist = 0;
  for (int i = 0; i < 100; ++i) {
    const auto chosen = ChoosePersonas(Medicine(), words, std::to_string(i), 0, 3);
    dentist += Medicine()[chosen[0]].id == "medicine.dentist";
  }
  EXPECT_GT(dentist, 80);
}

}  // namespace
}  // namespace quern::persona

#include "common/text/language.h"

#include <gtest/gtest.h>

#include <string>

namespace quern::text {
namespace {

constexpr char kEnglish[] =
    "Granite is a rock that forms deep under the ground, where molten material cools so slowly that large crystals "
    "have time to grow. People have used it for thousands of years to build temples, bridges and houses. ";
constexpr char kGerman[] =
    "Granit ist ein Gestein, das tief unter der Erde entsteht, wo die Schmelze so langsam abk\u00FChlt, dass "
    "gro\u00DFe "
    "Kristalle wachsen k\u00F6nnen. Seit Jahrtausenden baut man daraus Tempel, Br\u00FCcken und H\u00E4user. ";

TEST(LanguageTest, NamesTheLanguageByItsIsoCode) {
  const Language english = DetectLanguage(kEnglish);
  EXPECT_EQ(english.code, "en");
  EXPECT_TRUE(english.reliable);
  EXPECT_GT(english.score, 0.9);
  EXPECT_EQ(DetectLanguage(kGerman).code, "de");
  EXPECT_EQ(DetectLanguage("\u05E9\u05DC\u05D5\u05DD \u05DC\u05DB\u05DD \u05D9\u05DC\u05D3\u05D9\u05DD "
                           "\u05D5\u05D9\u05DC\u05D3\u05D5\u05EA")
                .code,
            "he");
}

TEST(LanguageTest, ScoreIsTheShareOfTheText) {
  const Language mixed = DetectLanguage(std::string(kEnglish) + kEnglish + "\n\n" + kGerman);
  EXPECT_EQ(mixed.code, "en");
  EXPECT_GT(mixed.score, 0.5);
  EXPECT_LT(mixed.score, 0.85);
}

TEST(LanguageTest, DeterminesNothingWithoutLettersOrWithInvalidBytes) {
  EXPECT_EQ(DetectLanguage("").code, "und");
  EXPECT_EQ(DetectLanguage("12345 67890 !!!").code, "und");
  EXPECT_EQ(DetectLanguage(std::string(kEnglish) + "\xFF").code, "und");
}

std::string Repeated(std::string_view text, size_t bytes) {
  std::string repeated;
  while (repeated.size() < bytes) repeated += text;
  return repeated;
}

TEST(LanguageTest, LooksAtAllPartsOfALongText) {
  const std::string english = Repeated(kEnglish, 100 << 10);
  const std::string german = Repeated(kGerman, 50 << 10);
  for (const std::string& text : {english + german, german + english}) {
    const Language mixed = DetectLanguage(text);
    EXPECT_EQ(mixed.code, "en");
    EXPECT_NEAR(mixed.score, 0.66, 0.06);
  }
}

TEST(LanguageTest, LooksLongerWhereNoLanguageStandsOut) {
  // German where half of a glance's stretches lie, which is a quarter of the text.
  std::string text = Repeated(kEnglish, 16000).substr(0, 16000);
  EXPECT_GE(DetectLanguage(text).score, kLanguageStandsOut);
  const size_t last = text.size() - kLanguageGlance.stretch_bytes;
  for (const size_t stretch : {1, 3, 4, 6}) {
    const size_t at = last * stretch / (kLanguageGlance.stretches - 1);
    text.replace(at - 450, 1000, Repeated(kGerman, 1000).substr(0, 1000));
  }
  const Language mixed = DetectLanguage(text);
  EXPECT_EQ(mixed.code, "en");
  EXPECT_GT(mixed.score, 0.7) << "a glance alone would say one half";
}

TEST(LanguageTest, CutsNoCharacterOfALongText) {
  // Without a space, stretches begin wherever they fall: in each of the three bytes of a character for one of these.
  const std::string japanese = Repeated("\u6771\u4EAC\u306F\u65E5\u672C\u306E\u9996\u90FD\u3067\u3059", 20000);
  for (const std::string before : {"", "a", "ab"}) EXPECT_EQ(DetectLanguage(before + japanese).code, "ja");
}

}  // namespace
}  // namespace quern::text

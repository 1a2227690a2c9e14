#include "services/filter/c4.h"

#include <gtest/gtest.h>

#include <string>

#include "services/filter/code.h"
#include "tests/unit/services/filter/prose.h"

namespace quern::filter {
namespace {

std::optional<Finding> Check(const std::string& text, const C4Thresholds& thresholds = {}) {
  return CheckC4(MakeProfile(text, 1'000'000), thresholds);
}

std::string C4Reason(const std::string& text, const C4Thresholds& thresholds = {}) {
  const auto finding = Check(text, thresholds);
  return finding ? std::string(finding->reason) : "";
}

double Sentences(const std::string& text, C4Thresholds thresholds = {}) {
  thresholds.min_sentences = 1'000'000;
  return Check(text, thresholds)->value;
}

TEST(C4Test, KeepsAnArticle) { EXPECT_EQ(C4Reason(Article()), ""); }

TEST(C4Test, AsksForItsMinimumOfSentences) {
  C4Thresholds thresholds;
  thresholds.min_sentences = 3;
  EXPECT_EQ(C4Reason("One goes here. Two goes here. Three goes here.", thresholds), "");
  EXPECT_EQ(C4Reason("One goes here. Two goes here.", thresholds), "C4_SENTENCES");
}

TEST(C4Test, CountsSentencesNotFullStops) {
  EXPECT_EQ(Sentences("Dr. J. Smith paid 3.50 dollars, e.g. for tea."), 1);
  EXPECT_EQ(Sentences("Is it so? It is! \"Quite,\" he said."), 3);
  EXPECT_EQ(Sentences("no full stop in this line\nnor in this one"), 2);
  EXPECT_EQ(Sentences("\u5929\u5730\u5929\u5730\u3002\u5929\u5730\u5929\u5730\u3002"), 2);
}

TEST(C4Test, LinesOfTwoWordsDoNotCount) {
  EXPECT_EQ(Sentences("Two words.\nThree words here."), 1);
  C4Thresholds thresholds;
  thresholds.min_words_per_line = 2;
  EXPECT_EQ(Sentences("Two words.\nThree words here.", thresholds), 2);
}

TEST(C4Test, LinesWithAWordOverAThousandCharactersDoNotCount) {
  EXPECT_EQ(Sentences("This is kept " + std::string(1000, 'x') + "\nand this too"), 2);
  EXPECT_EQ(Sentences("This is not " + std::string(1001, 'x') + "\nbut this is"), 1);
}

TEST(C4Test, PolicyLinesDoNotCount) {
  EXPECT_EQ(Sentences("Read our Privacy Policy and more.\nThis site uses cookies today.\nThe terms of use apply "
                      "here.\nPlain line of prose."),
            1);
  EXPECT_EQ(Sentences("He uses a cookie cutter.\nThe terms of the treaty apply."), 2);
  C4Thresholds thresholds;
  thresholds.drop_policy_lines = false;
  EXPECT_EQ(Sentences("Read our Privacy Policy and more.", thresholds), 1);
}

TEST(C4Test, JavascriptLinesDoNotCountExceptInCode) {
  const std::string notice = "Please enable JavaScript in your browser.\nAnother line of prose here.";
  EXPECT_EQ(Sentences(notice), 1);
  EXPECT_EQ(Sentences(notice + "\n```\nlet x = 1 and more\n```"), 3);
}

TEST(C4Test, TerminalMarksAreAskedForOnlyWhereWanted) {
  C4Thresholds thresholds;
  thresholds.require_terminal_mark = true;
  EXPECT_EQ(Sentences("this line has none\nthis line has one.\nthis one trails off...", thresholds), 1);
  EXPECT_EQ(Sentences("this line has none\nthis line has one."), 2);
}

TEST(C4Test, FillerTextIsRejected) {
  EXPECT_EQ(C4Reason(Article() + "Lorem  ipsum dolor sit amet."), "C4_LOREM_IPSUM");
  EXPECT_EQ(C4Reason(Article() + "The psalm reads: lorem."), "");
  C4Thresholds thresholds;
  thresholds.reject_lorem_ipsum = false;
  EXPECT_EQ(C4Reason(Article() + "Lorem ipsum dolor sit amet.", thresholds), "");
}

TEST(C4Test, CurlyBracketsAreRejectedOutsideCode) {
  EXPECT_EQ(C4Reason(Article() + "Dear {name}, welcome to our shop of fine stones."), "C4_CURLY_BRACKET");
  EXPECT_EQ(C4Reason(Article() + "```\nint main() { return 0; }\n```\n"), "");
  EXPECT_EQ(C4Reason(Article() + "int main() {\n  return 0;\n}\n"), "");
  EXPECT_EQ(C4Reason(Article() + "The slope is \\frac{dy}{dx} at that point."), "");
  C4Thresholds thresholds;
  thresholds.reject_curly_bracket = false;
  EXPECT_EQ(C4Reason(Article() + "Dear {name}, welcome.", thresholds), "");
}

TEST(CodeTest, LinesOfAProgramReadLikeCodeAndSentencesDoNot) {
  for (const char* line :
       {"return x;", "if (x) {", "}", "#include <map>", "def f(x):", "import os", "// note", "$ make install"}) {
    EXPECT_TRUE(ReadsLikeCode(line)) << line;
  }
  for (const char* line :
       {"Granite is a rock.", "import duties rose in that year.", "return of the king.", "The end", "Dear {name}"}) {
    EXPECT_FALSE(ReadsLikeCode(line)) << line;
  }
}

TEST(CodeTest, ShareOfCodeLinesMayLieOnItsBound) {
  std::string text = "x = 1;\n";
  for (int i = 0; i < 19; ++i) text += "prose\n\n";
  EXPECT_TRUE(IsCode(MakeProfile(text, 1000), 0.05));
  EXPECT_FALSE(IsCode(MakeProfile(text + "prose\n", 1000), 0.05));
}

}  // namespace
}  // namespace quern::filter

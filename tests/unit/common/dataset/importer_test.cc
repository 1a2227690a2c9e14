#include "common/dataset/importer.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include "common/base/error.h"
#include "common/dataset/dictionary.h"
#include "common/dataset/html_text.h"
#include "tests/unit/common/dataset/compress.h"
#include "tests/unit/common/dataset/read_source.h"
#include "tests/unit/common/dataset/temporary_folder.h"

namespace quern::dataset {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string Text(std::string_view html) { return ExtractHtmlText(html, false)->text; }

TEST(HtmlTextTest, KeepsProseAndDropsTheRest) {
  const auto page = ExtractHtmlText(
      "<html><head><title>12.3.&nbsp;Mills</title><style>p{}</style></head><body><nav>Home</nav>"
      "<div class='navheader top'>Prev Next</div><h1>Mills</h1><p>A quern\n  grinds <b>grain</b> by&nbsp;hand.</p>"
      "<ul><li>upper stone</li><li>lower stone</li></ul><pre>int x;</pre><script>alert(1)</script>"
      "<p>First<br>second &amp; third</p></body></html>",
      false);
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(page->title, "Mills");
  EXPECT_EQ(page->text,
            "Mills\n\nA quern grinds grain by hand.\n\nupper stone\n\nlower stone\n\nFirst\nsecond & third");
}

TEST(HtmlTextTest, KeepsTableCellsOnlyWhenTheyHoldRunningText) {
  std::string sentence = "This";
  for (int i = 0; i < 30; ++i) sentence += " word";
  EXPECT_EQ(Text("<table><tr><td>12</td><td>" + sentence + ".</td></tr></table><p>after</p>"), sentence + ".\n\nafter");
  EXPECT_EQ(Text("<table><tr><td>" + sentence + "</td></tr></table><p>after</p>"), "after");
}

TEST(HtmlTextTest, ReadsDeclaredEncodings) {
  EXPECT_EQ(Text("<meta charset=iso-8859-1><p>caf\xe9</p>"), "caf\xc3\xa9");
  EXPECT_EQ(Text("<meta charset=iso-8859-1><p>caf\xc3\xa9</p>"), "caf\xc3\xa9") << "valid UTF-8 is UTF-8";
  EXPECT_EQ(ErrorReason(ExtractHtmlText("<p>caf\xe9</p>", false).status()), "INVALID_UTF8");
  EXPECT_EQ(ExtractHtmlText("<p>caf\xe9</p>", true)->text, "caf\xef\xbf\xbd");
}

TEST(HtmlTextTest, HostileMarkupIsHarmless) {
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "<div>";
  EXPECT_TRUE(ExtractHtmlText(deep + "x", false).ok());
  EXPECT_TRUE(ExtractHtmlText("", false).ok());
  EXPECT_EQ(Text("<p>a<p>b</i></b><td>"), "a\n\nb");
  EXPECT_EQ(Text("<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><p>a&e;</p>").find("root:"),
            std::string::npos);
}

TEST(DictionaryTest, EntryLosesMarkupAndWrapping) {
  const auto document =
      EntryToDocument({"abc algol"},
                      "ABC ALGOL\n\n   1. <language, mathematics> An extension of {ALGOL 60} with arbitrary data\n"
                      "   structures, see {the paper\n   (http://x.org/)}.\n\n      LISTING a\n      LISTING b\n\n"
                      "   (1994-10-28)\n\n",
                      "foldoc");
  EXPECT_EQ(document.title(), "ABC ALGOL");
  EXPECT_EQ(document.text(),
            "1. An extension of ALGOL 60 with arbitrary data structures, see the paper.\n\nLISTING a\nLISTING b");
  const auto& metadata = document.metadata().fields();
  EXPECT_EQ(metadata.at("subjects").list_value().values(0).string_value(), "language");
  EXPECT_EQ(metadata.at("subjects").list_value().values(1).string_value(), "mathematics");
  EXPECT_EQ(metadata.at("updated").string_value(), "1994-10-28");
  EXPECT_EQ(metadata.at("dictionary").string_value(), "foldoc");
}

TEST(DictionaryTest, EveryHeadwordLineIsHeading) {
  const auto lines =
      EntryToDocument({"sram", "static ram"}, "static RAM\nSRAM\n\n   <storage> Memory in\n   which.\n", "d");
  EXPECT_EQ(lines.title(), "static RAM");
  EXPECT_EQ(lines.text(), "Memory in which.");
  const auto joined =
      EntryToDocument({"sram", "static ram"}, "static RAM%%%SRAM%%%static\nmemory\n\n   Memory.\n", "d");
  EXPECT_EQ(joined.title(), "static RAM");
  EXPECT_EQ(joined.text(), "Memory.");
  const auto bare = EntryToDocument({"quern"}, "A mill.\n", "d");
  EXPECT_EQ(bare.title(), "quern");
  EXPECT_EQ(bare.text(), "A mill.");
}

TEST(DictionaryTest, StrayIndentationDoesNotKeepLinesWrapped) {
  const auto document = EntryToDocument(
      {"x"}, "x\n\n   One\n   one.\n\n   (2009-11-06)\n\n   Two\n   two.\n\nFar out.\n\n    Stray\n   stray.\n", "d");
  EXPECT_EQ(document.text(), "One one.\n\nTwo two.\n\nFar out.\n\nStray stray.");
}

TEST(DictionaryTest, FieldLinesAreNotJoined) {
  const auto document =
      EntryToDocument({"helium"},
                      "helium\nSymbol: He\nAtomic number: 2\nColourless, odourless gaseous nonmetallic "
                      "element. Belongs to group 18\nof\nthe periodic table.\n",
                      "elements");
  EXPECT_EQ(document.title(), "helium");
  EXPECT_EQ(
      document.text(),
      "Symbol: He\nAtomic number: 2\nColourless, odourless gaseous nonmetallic element. Belongs to group 18 of the "
      "periodic table.");
}

class ImporterTest : public testing::Test {
 protected:
  absl::StatusOr<ImportSummary> Import(const std::vector<std::string>& inputs, const std::string& prefix = "") {
    documents_.clear();
    return ImportDocuments(inputs, {}, prefix, [&](const v1::Document& document) {
      documents_.push_back(document);
      return absl::OkStatus();
    });
  }
  std::vector<std::string> Ids() const {
    std::vector<std::string> ids;
    for (const auto& document : documents_) ids.push_back(document.id());
    return ids;
  }
  TemporaryFolder folder_;
  std::vector<v1::Document> documents_;
};

TEST_F(ImporterTest, DictionaryGivesADocumentForEachEntry) {
  const std::string data = "00-database-short\nx\nfoo\n\n   A foo is a bar.\n\nfoo\n\n   Another foo.\n\n";
  folder_.Write("d.dict.dz", Gzip(data));
  // Offsets 20, 45 and lengths 25, 22 in base 64.
  folder_.Write("d.index", "00-database-short\tA\tU\nfoo\tU\tZ\nalias\tU\tZ\nfoo\tt\tW\n");
  for (const auto* name : {"d.index", "d.dict.dz", "."}) {
    const auto summary = Import({folder_ / name});
    ASSERT_TRUE(summary.ok()) << summary.status();
    EXPECT_THAT(Ids(), ElementsAre("d/foo", "d/foo~2")) << name;
    EXPECT_EQ(documents_[0].text(), "A foo is a bar.");
    EXPECT_EQ(documents_[1].text(), "Another foo.");
  }
}

TEST_F(ImporterTest, IndexThatDoesNotFitIsAnError) {
  folder_.Write("d.dict", "foo\n\n  bar\n");
  folder_.Write("d.index", "foo\tA\tzzz\n");
  EXPECT_EQ(ErrorReason(Import({folder_ / "d.index"}).status()), "CORRUPT_INPUT");
  folder_.Write("d.index", "foo\n");
  EXPECT_EQ(ErrorReason(Import({folder_ / "d.index"}).status()), "CORRUPT_INPUT");
}

TEST_F(ImporterTest, TreeGivesStableIdsAndCountsWhatItLeavesOut) {
  folder_.Write("tree/a/x.html", "<title>X</title><p>prose</p>");
  folder_.Write("tree/b.txt", "text");
  folder_.Write("tree/c.html", "<pre>only code</pre>");
  const auto summary = Import({folder_ / "tree/"});
  ASSERT_TRUE(summary.ok()) << summary.status();
  EXPECT_THAT(Ids(), ElementsAre("tree/a/x.html", "tree/b.txt"));
  EXPECT_EQ(documents_[0].source(), "tree/a/x.html");
  EXPECT_EQ(documents_[0].title(), "X");
  EXPECT_EQ(summary->left_out.at("EMPTY_TEXT"), 1u);
  EXPECT_EQ(ErrorReason(Import({folder_ / "nothing"}).status()), "NO_INPUT");
  ASSERT_TRUE(Import({folder_ / "tree/a"}, "corpus/").ok());
  EXPECT_THAT(Ids(), ElementsAre("corpus/a/x.html"));
}

TEST_F(ImporterTest, JsonLinesComeBackAsTheSameDocument) {
  v1::Document document =
      EntryToDocument({"foo"}, "foo\n\n   <x> \"Quoted\" \xe2\x82\xac text\\.\n   (2000-01-02)\n", "d");
  document.set_id("d/foo");
  document.set_source("d");
  const auto content = ReadFile(folder_.Write("a.jsonl", DocumentToJsonLine(document)));
  ASSERT_EQ(content.full.size(), 1u);
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(document, content.full[0].document()));
}

}  // namespace
}  // namespace quern::dataset

#include "clients/cli/import.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "tests/unit/common/dataset/compress.h"
#include "tests/unit/common/dataset/temporary_folder.h"

namespace quern::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class ImportTest : public ::testing::Test {
 protected:
  int ImportText(const std::string& input) {
    Console console;
    console.out = &out_;
    console.err = &err_;
    return Import({"text", {input}, "", output_}, console);
  }

  dataset::TemporaryFolder folder_;
  const std::string output_ = folder_ / "out.jsonl";
  std::ostringstream out_, err_;
};

TEST_F(ImportTest, SaysWhatItWroteAndWhatItLeftOut) {
  folder_.Write("in/good.txt", "caf\xc3\xa9\n");
  folder_.Write("in/latin1.txt", "caf\xe9\n");
  EXPECT_EQ(ImportText(folder_ / "in"), 0);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("out.jsonl: 1 document\n"), HasSubstr("left out: 1 INVALID_UTF8\n"),
                                HasSubstr("latin1.txt: INVALID_UTF8: byte 4")));
}

TEST_F(ImportTest, NoDocumentAtAllIsAFaultOfTheData) {
  folder_.Write("in/latin1.txt", "caf\xe9\n");
  EXPECT_EQ(ImportText(folder_ / "in"), 65);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("left out: 1 INVALID_UTF8\n"), HasSubstr("no document came out")));
  EXPECT_FALSE(std::filesystem::exists(output_));
}

TEST_F(ImportTest, ATruncatedFileIsToldOnce) {
  const std::string whole = dataset::Gzip(std::string(1000, 'x'));
  EXPECT_EQ(ImportText(folder_.Write("cut.txt.gz", whole.substr(0, whole.size() / 2))), 65);
  const std::string said = err_.str();
  EXPECT_NE(said.find("ends early"), std::string::npos);
  EXPECT_EQ(said.find("ends early"), said.rfind("ends early"));
}

TEST_F(ImportTest, AFolderWithoutFilesIsNamedWithWhatWasLeftOut) {
  const std::string file = folder_.Write("in/a.pdf", "x");
  EXPECT_EQ(ImportText(folder_ / "in"), 66);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr(folder_ / "in: no file of a known format"),
                                HasSubstr(folder_ / "in: left out 1 file (.pdf)")));
}

}  // namespace
}  // namespace quern::cli

#include "services/verifier/evaluation_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/error.h"
#include "services/verifier/contamination_index.h"
#include "tests/unit/common/dataset/compress.h"
#include "tests/unit/common/dataset/temporary_folder.h"

namespace quern::verifier {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using Texts = std::vector<std::pair<uint64_t, std::string>>;

class EvaluationSetTest : public ::testing::Test {
 protected:
  Texts Read(const std::string& file, std::vector<std::string> fields = {"question"}) {
    Texts texts;
    EvaluationSet set;
    set.name = "s";
    set.file = file;
    set.fields = std::move(fields);
    status_ = ReadEvaluationSet(set, "verifier.decontamination.sets[1]", [&](uint64_t entry, std::string_view text) {
      texts.emplace_back(entry, std::string(text));
      return absl::OkStatus();
    });
    return texts;
  }

  std::string Fault(const std::string& file, std::vector<std::string> fields = {"question"}) {
    Read(file, std::move(fields));
    EXPECT_EQ(status_.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(ErrorReason(status_), "INVALID_SPEC");
    return std::string(status_.message());
  }

  dataset::TemporaryFolder folder_;
  absl::Status status_;
};

constexpr char kTwo[] = "{\"question\": \"Who?\", \"answer\": 1}\n\n{\"question\": \"When\\u003f\"}\n";

TEST_F(EvaluationSetTest, ReadsJsonLines) {
  EXPECT_THAT(Read(folder_.Write("a.jsonl", kTwo)), ElementsAre(std::pair(1, "Who?"), std::pair(3, "When?")));
  EXPECT_TRUE(status_.ok()) << status_;
  EXPECT_EQ(Read(folder_.Write("unnamed", std::string("\xef\xbb\xbf") + kTwo)).size(), 2u);
}

TEST_F(EvaluationSetTest, ReadsTheFieldsThatAreNamed) {
  const std::string file = folder_.Write("a.jsonl",
                                         "{\"stem\": \"S1\", \"choices\": [\"A\", \"B\"], \"question\": \"no\"}\n"
                                         "{\"stem\": null, \"big\": 123456789012345678901234567890}\n"
                                         "{\"choices\": [], \"stem\": \"S3\", \"huge\": 1e999}\n");
  EXPECT_THAT(Read(file, {"stem", "choices"}),
              ElementsAre(std::pair(1, "S1"), std::pair(1, "A"), std::pair(1, "B"), std::pair(3, "S3")));
  EXPECT_TRUE(status_.ok()) << status_;
}

TEST_F(EvaluationSetTest, ReadsTextWithAnEntryALine) {
  EXPECT_THAT(Read(folder_.Write("a.txt", "{one}\r\n  \r\nthree")),
              ElementsAre(std::pair(1, "{one}\r"), std::pair(3, "three")));
  EXPECT_TRUE(status_.ok()) << status_;
}

TEST_F(EvaluationSetTest, ReadsCompressedFilesWhateverTheirName) {
  for (const std::string& file :
       {folder_.Write("a.jsonl.gz", dataset::Gzip(kTwo)), folder_.Write("a.jsonl.zst", dataset::Zstd(kTwo)),
        folder_.Write("b.jsonl", dataset::Gzip(kTwo)), folder_.Write("b", dataset::Zstd(kTwo)),
        folder_.Write("c.txt.zst", dataset::Zstd("Who?\nWhen?"))}) {
    EXPECT_EQ(Read(file).size(), 2u) << file << status_;
  }
}

TEST_F(EvaluationSetTest, FilesThatCannotBeReadAreFaultsOfTheSpec) {
  EXPECT_THAT(Fault(folder_ / "missing.jsonl"),
              AllOf(StartsWith("verifier.decontamination.sets[1].file: "), HasSubstr("missing.jsonl: No such file")));
  EXPECT_THAT(Fault(folder_.path()), HasSubstr("not a regular file"));
  const std::string zstd = dataset::Zstd(std::string(5000, 'x') + kTwo);
  EXPECT_THAT(Fault(folder_.Write("cut.txt.zst", std::string_view(zstd).substr(0, zstd.size() - 9))),
              HasSubstr("ends early"));
  EXPECT_THAT(Fault(folder_.Write("a.parquet", "PAR1....")), HasSubstr("is a Parquet file; convert it"));
  EXPECT_THAT(Fault(folder_.Write("a.csv", "question\nWho?")), HasSubstr("of unknown format"));
  EXPECT_THAT(Fault(folder_.Write("a.html", "<p>Who?")), HasSubstr("of unknown format"));
}

TEST_F(EvaluationSetTest, InvalidLinesAreNamed) {
  const std::string good = "{\"question\": \"Who?\"}\n\n";
  EXPECT_THAT(
      Fault(folder_.Write("a.jsonl", good + "{\"question\": Who?}\n")),
      AllOf(StartsWith("verifier.decontamination.sets[1].file: "), HasSubstr("a.jsonl: line 3: is no JSON: byte 14")));
  EXPECT_THAT(Fault(folder_.Write("b.json", "[\n{\"question\": \"Who?\"}\n]")),
              HasSubstr("b.json: line 1: is no JSON"));
  EXPECT_THAT(Fault(folder_.Write("c.json", "[{\"question\": \"Who?\"}]")), HasSubstr("line 1: is no object"));
  EXPECT_THAT(Fault(folder_.Write("d.jsonl", "{\"question\": \"\xff\"}")), HasSubstr("line 1: is not UTF-8"));
  EXPECT_THAT(Fault(folder_.Write("e.txt", "Who?\nWh\xe9n?")), HasSubstr("line 2: byte 3 is not UTF-8"));
  EXPECT_THAT(Fault(folder_.Write("f.txt", std::string((16 << 20) + 1, 'x'))), HasSubstr("line 1: has 16777217 bytes"));
}

TEST_F(EvaluationSetTest, FieldsMustHoldText) {
  EXPECT_THAT(Fault(folder_.Write("a.jsonl", kTwo), {"prompt", "text"}),
              AllOf(StartsWith("verifier.decontamination.sets[1].fields: no entry of "),
                    HasSubstr("has a text in \"prompt\" or \"text\"; name the fields")));
  EXPECT_THAT(Fault(folder_.Write("b.jsonl", "{\"question\": {\"stem\": \"Who?\"}}")),
              HasSubstr("line 1: \"question\" is neither a string nor a list of strings"));
  EXPECT_THAT(Fault(folder_.Write("c.jsonl", "{\"question\": [\"Who?\", 1]}")), HasSubstr("neither a string nor"));
  EXPECT_THAT(Fault(folder_.Write("d.jsonl", "")), HasSubstr("no entry"));
  EXPECT_THAT(Fault(folder_.Write("e.txt", "\n \n")), HasSubstr("holds no entry"));
}

TEST_F(EvaluationSetTest, ASetWithoutWordsIsAFault) {
  Decontamination options;
  options.sets.push_back({"good", folder_.Write("a.txt", "Who wrote Emma?\n"), {}});
  EXPECT_TRUE(LoadContaminationIndex(options).ok());
  options.sets.push_back({"bad", folder_.Write("b.txt", "?!\n"), {}});
  const absl::Status status = LoadContaminationIndex(options).status();
  EXPECT_EQ(ErrorReason(status), "INVALID_SPEC");
  EXPECT_THAT(std::string(status.message()), StartsWith("verifier.decontamination.sets[1]: no entry of "));
}

}  // namespace
}  // namespace quern::verifier

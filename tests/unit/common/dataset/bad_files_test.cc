// Group A of the catalogue of bad input: files. Each test is a row of docs/bad-input.md.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/unit/common/dataset/compress.h"
#include "tests/unit/common/dataset/read_source.h"
#include "tests/unit/common/dataset/temporary_folder.h"

namespace quern::dataset {
namespace {

using std::string_literals::operator""s;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kTwoLines = "{\"text\":\"one\"}\n{\"text\":\"two\"}\n";

class BadFilesTest : public testing::Test {
 protected:
  SourceContent Read(std::string_view name, std::string_view bytes, const v1::InputSpec& spec = {}) {
    return ReadFile(folder_.Write(name, bytes), spec);
  }
  TemporaryFolder folder_;
};

TEST_F(BadFilesTest, EveryFaultyPathIsNamedInOneError) {
  ASSERT_EQ(::mkfifo((folder_ / "pipe.jsonl").c_str(), 0600), 0);
  const std::string fine = folder_.Write("fine.jsonl", kTwoLines);
  const std::string odd = folder_.Write("odd.bin", "nothing known");
  const auto corpus =
      OpenCorpus({folder_ / "missing.jsonl", fine, folder_ / "pipe.jsonl", "/dev/null", odd, "-", fine}, {});
  ASSERT_FALSE(corpus.ok());
  EXPECT_EQ(ErrorReason(corpus.status()), "NO_INPUT");
  const std::string message(corpus.status().message());
  for (const auto& name :
       {"missing.jsonl: No such file", "pipe.jsonl: not a regular file", "/dev/null: not a regular file",
        "odd.bin: unknown format", "-: standard input", "fine.jsonl: named twice"}) {
    EXPECT_THAT(message, HasSubstr(name));
  }
}

TEST_F(BadFilesTest, UnreadableFileIsAnErrorBeforeAnythingIsRead) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may read everything";
  const std::string path = folder_.Write("secret.jsonl", kTwoLines);
  ::chmod(path.c_str(), 0);
  EXPECT_EQ(ReadFile(path).error, "NO_INPUT");
}

TEST_F(BadFilesTest, EmptyFileIsNoDocumentsAndAWarning) {
  for (const auto* name : {"a.jsonl", "a.txt", "a.html", "a.jsonl.gz", "noextension"}) {
    const auto content = Read(name, "");
    EXPECT_THAT(content.entries, IsEmpty()) << name;
    EXPECT_EQ(content.error, "") << name;
    EXPECT_THAT(content.warnings, ElementsAre(HasSubstr("no documents"))) << name;
  }
}

TEST_F(BadFilesTest, BlankLinesHoldTheirPositions) {
  EXPECT_THAT(Read("a.jsonl", "\n{\"text\":\"one\"}\n  \t\r\n\n{\"text\":\"two\"}").entries,
              ElementsAre("2:one", "5:two"));
}

TEST_F(BadFilesTest, ByteOrderMarkAndCarriageReturnsAreNoFaults) {
  EXPECT_THAT(Read("a.jsonl", "\xef\xbb\xbf{\"text\":\"one\"}\r\n{\"text\":\"two\"}\r\n").entries,
              ElementsAre("1:one", "2:two"));
  EXPECT_THAT(Read("a.txt", "\xef\xbb\xbfone").entries, ElementsAre("1:one"));
}

TEST_F(BadFilesTest, Utf16IsRefusedWithTheWayOut) {
  for (const auto& bytes : {"\xff\xfe{\0\"\0"s, "\xfe\xff\0{\0\""s, "{\0\"\0"s}) {
    const auto content = Read("a.jsonl", bytes);
    ASSERT_THAT(content.entries, ElementsAre("1!UNSUPPORTED_ENCODING"));
    EXPECT_THAT(content.full[0].unreadable().message(), HasSubstr("iconv -f UTF-16"));
  }
  EXPECT_THAT(Read("a.txt", "\xff\xfeh\0i\0"s).entries, ElementsAre("1!UNSUPPORTED_ENCODING"));
}

TEST_F(BadFilesTest, ForeignFormatsAreRefusedByName) {
  const auto content = Read("a.jsonl", "PAR1....");
  ASSERT_THAT(content.entries, ElementsAre("1!UNSUPPORTED_FORMAT"));
  EXPECT_THAT(content.full[0].unreadable().message(), HasSubstr("Parquet"));
}

TEST_F(BadFilesTest, InvalidUtf8IsADeadLetterOrReplaced) {
  const std::string lines =
      "{\"text\":\"a\xff\"}\n{\"text\":\"b\xc0\xaf\"}\n{\"text\":\"c\xed\xa0\x80\"}\n{\"text\":\"d\"}\n";
  const auto strict = Read("a.jsonl", lines);
  EXPECT_THAT(strict.entries, ElementsAre("1!INVALID_UTF8", "2!INVALID_UTF8", "3!INVALID_UTF8", "4:d"));
  EXPECT_THAT(strict.full[0].unreadable().message(), HasSubstr("byte 11 "));
  v1::InputSpec replace;
  replace.set_replace_invalid_utf8(true);
  EXPECT_THAT(Read("a.jsonl", lines, replace).entries, ElementsAre("1:a\xef\xbf\xbd", "2:b\xef\xbf\xbd\xef\xbf\xbd",
                                                                   "3:c\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", "4:d"));
  EXPECT_THAT(Read("a.txt", "caf\xe9").entries, ElementsAre("1!INVALID_UTF8"));
  EXPECT_THAT(Read("a.md", "caf\xe9", replace).entries, ElementsAre("1:caf\xef\xbf\xbd"));
}

TEST_F(BadFilesTest, NulBytesAreDeadLetters) {
  EXPECT_THAT(Read("a.jsonl", "{\"text\":\"a\0b\"}\n{\"text\":\"a\\u0000b\"}\n{\"text\":\"c\"}\n"s).entries,
              ElementsAre("1!INVALID_JSON", "2!NUL_BYTE", "3:c"));
  EXPECT_THAT(Read("a.txt", "a\0b"s).entries, ElementsAre("1!NUL_BYTE"));
}

TEST_F(BadFilesTest, TooLargeLinesAreSkippedAndTheNextOneIsRead) {
  v1::InputSpec spec;
  spec.set_max_document_bytes(100);
  const std::string large(101, 'x');
  const std::string huge(5 << 20, 'y');
  const std::string lines = "{\"text\":\"" + large + "\"}\n{\"text\":\"" + huge + "\"}\n{\"text\":\"z\"}\n" + huge;
  EXPECT_THAT(Read("a.jsonl", lines, spec).entries,
              ElementsAre("1!DOCUMENT_TOO_LARGE", "2!DOCUMENT_TOO_LARGE", "3:z", "4!DOCUMENT_TOO_LARGE"));
  EXPECT_THAT(Read("a.txt", large, spec).entries, ElementsAre("1!DOCUMENT_TOO_LARGE"));
  EXPECT_THAT(Read("b.txt", huge, spec).entries, ElementsAre("1!DOCUMENT_TOO_LARGE"));
}

TEST_F(BadFilesTest, DecompressionBombIsReadInBoundedMemory) {
  const std::string bomb = Zstd(std::string(64 << 20, 'x'));
  std::string bombs;
  for (int i = 0; i < 16; ++i) bombs += bomb;  // 1 GiB in some 100 KB, in one line.
  v1::InputSpec spec;
  spec.set_max_document_bytes(1000);
  EXPECT_THAT(Read("a.jsonl.zst", bombs + Zstd("\n{\"text\":\"z\"}\n"), spec).entries,
              ElementsAre("1!DOCUMENT_TOO_LARGE", "2:z"));
  EXPECT_THAT(Read("a.txt.zst", bombs, spec).entries, ElementsAre("1!DOCUMENT_TOO_LARGE"));
  // VmHWM is the most memory this process ever held.
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (!line.starts_with("VmHWM:")) continue;
    EXPECT_LT(std::stoul(line.substr(6)), 600'000u) << line;
  }
}

TEST_F(BadFilesTest, TruncatedCompressionGivesTheGoodPrefixAndTheOffset) {
  const std::string gzip = Gzip(std::string(kTwoLines) + std::string(1000, '\n') + "{\"text\":\"three\"}\n");
  const std::string zstd = Zstd(kTwoLines) + Zstd("{\"text\":\"three\"}\n");
  for (const auto& [name, bytes] : {std::pair("a.jsonl.gz", gzip), std::pair("a.jsonl.zst", zstd)}) {
    const auto content = Read(name, bytes.substr(0, bytes.size() - 14));
    ASSERT_GE(content.entries.size(), 3u) << name;
    EXPECT_EQ(content.entries[0], "1:one") << name;
    EXPECT_THAT(content.entries.back(), HasSubstr("!TRUNCATED_INPUT")) << name;
    EXPECT_THAT(content.full.back().unreadable().message(), HasSubstr("at byte " + std::to_string(bytes.size() - 14)))
        << name;
    EXPECT_EQ(content.warnings.size(), 1u) << name;
    // A client that has had the fault already gets nothing again.
    EXPECT_THAT(ReadFile(folder_ / name, {}, content.full.back().position()).entries, IsEmpty()) << name;
  }
}

TEST_F(BadFilesTest, CorruptCompressionIsADeadLetter) {
  std::string zstd = Zstd(kTwoLines);
  zstd.back() = static_cast<char>(zstd.back() ^ 1);  // The checksum.
  EXPECT_THAT(Read("a.jsonl.zst", zstd).entries.back(), HasSubstr("!CORRUPT_INPUT"));
  EXPECT_THAT(Read("a.jsonl.gz", Gzip(kTwoLines) + "rubbish").entries,
              ElementsAre("1:one", "2:two", "3!CORRUPT_INPUT"));
  EXPECT_THAT(Read("b.jsonl.gz", Gzip(kTwoLines) + std::string(512, '\0')).entries, ElementsAre("1:one", "2:two"));
}

TEST_F(BadFilesTest, ZstdWindowOverTheLimitIsADeadLetterWithTheWayOut) {
  const auto content = Read("a.jsonl.zst", Zstd(kTwoLines, 28));
  ASSERT_THAT(content.entries, ElementsAre("1!ZSTD_WINDOW_TOO_LARGE"));
  EXPECT_THAT(content.full[0].unreadable().message(), HasSubstr("--long=27"));
  EXPECT_THAT(Read("b.jsonl.zst", Zstd(kTwoLines, 27)).entries, ElementsAre("1:one", "2:two"));
}

TEST_F(BadFilesTest, FramesAndMembersAreJoined) {
  const std::string skippable = "\x50\x2a\x4d\x18\x03\x00\x00\x00xyz"s;
  EXPECT_THAT(
      Read("a.jsonl.zst", skippable + Zstd("{\"text\":\"o") + skippable + Zstd("ne\"}\n") + Zstd("{\"text\":\"two\"}"))
          .entries,
      ElementsAre("1:one", "2:two"));
  EXPECT_THAT(Read("a.jsonl.gz", Gzip("{\"text\":\"o") + Gzip("ne\"}\n") + Gzip("{\"text\":\"two\"}")).entries,
              ElementsAre("1:one", "2:two"));
}

TEST_F(BadFilesTest, MagicBytesWinOverTheName) {
  EXPECT_THAT(Read("a.jsonl", Gzip(kTwoLines)).entries, ElementsAre("1:one", "2:two"));
  EXPECT_THAT(Read("a.jsonl.gz", Zstd(kTwoLines)).entries, ElementsAre("1:one", "2:two"));
  EXPECT_THAT(Read("a.jsonl.zst", kTwoLines).entries, ElementsAre("1:one", "2:two"));
  EXPECT_THAT(Read("noextension", Zstd(kTwoLines)).entries, ElementsAre("1:one", "2:two"));
}

TEST_F(BadFilesTest, FolderReportsWhatItCannotUse) {
  folder_.Write("outside.jsonl", kTwoLines);
  folder_.Write("in/b.jsonl", kTwoLines);
  folder_.Write("in/sub/a.txt", "text");
  folder_.Write("in/picture.png", "");
  folder_.Write("in/.hidden.jsonl", kTwoLines);
  std::filesystem::create_symlink("../outside.jsonl", folder_ / "in/link.jsonl");
  std::filesystem::create_symlink("b.jsonl", folder_ / "in/inside.jsonl");
  std::filesystem::create_symlink("..", folder_ / "in/up");
  std::filesystem::create_symlink(".", folder_ / "in/sub/loop");
  ASSERT_EQ(::mkfifo((folder_ / "in/pipe.jsonl").c_str(), 0600), 0);
  const auto corpus = OpenCorpus({folder_ / "in/"}, {});
  ASSERT_TRUE(corpus.ok()) << corpus.status();
  std::vector<std::string> found;
  for (const Source& source : corpus->sources) {
    const auto content = ReadSource(source);
    found.push_back(source.name.substr(folder_.path().size()) + " " + content.entries.at(0));
  }
  EXPECT_THAT(
      found, ElementsAre("/in/b.jsonl 1:one", "/in/inside.jsonl 1:one", "/in/link.jsonl 1!LINK_LEAVES_FOLDER",
                         "/in/pipe.jsonl 1!NOT_A_REGULAR_FILE", "/in/sub/a.txt 1:text", "/in/up 1!LINK_LEAVES_FOLDER"));
  EXPECT_THAT(corpus->warnings, ElementsAre(HasSubstr("1 file (.png)"), HasSubstr("1 file (hidden)")));
}

TEST_F(BadFilesTest, FileThatChangesWhileItIsReadIsAnError) {
  const std::string path = folder_.Write("a.jsonl", kTwoLines);
  auto reader = SourceReader::Open({path, path, SourceFormat::kJsonLines, kTwoLines.size(), {}, {}}, {});
  ASSERT_TRUE(reader.ok());
  v1::IngestEntry entry;
  ASSERT_TRUE(*(*reader)->Next(&entry));
  std::ofstream(path, std::ios::app) << "\n{\"text\":\"three\"}\n";
  absl::StatusOr<bool> more = true;
  while (more.ok() && *more) more = (*reader)->Next(&entry);
  EXPECT_EQ(ErrorReason(more.status()), "INPUT_CHANGED");
}

TEST_F(BadFilesTest, LongNamesStayWithinTheLimitAndApart) {
  std::string deep = "d";
  while (deep.size() < 600) deep += "/" + std::string(100, 'd');
  folder_.Write(deep + "/a.txt", "a");
  folder_.Write(deep + "/b.txt", "b");
  const auto corpus = OpenCorpus({folder_.path()}, {});
  ASSERT_TRUE(corpus.ok());
  ASSERT_EQ(corpus->sources.size(), 2u);
  EXPECT_EQ(corpus->sources[0].name.size(), 512u);
  EXPECT_NE(corpus->sources[0].name, corpus->sources[1].name);
  EXPECT_THAT(ReadSource(corpus->sources[1]).entries, ElementsAre("1:b"));
}

TEST_F(BadFilesTest, StandardInputIsSpooledWholeAndOnce) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ASSERT_EQ(::write(ends[1], kTwoLines.data(), kTwoLines.size()), static_cast<ssize_t>(kTwoLines.size()));
  ::close(ends[1]);
  const std::string spool = folder_ / "stdin";
  EXPECT_EQ(*SpoolStandardInput(ends[0], spool), kTwoLines.size());
  ::close(ends[0]);
  const auto corpus = OpenCorpus({"-"}, {spool});
  ASSERT_TRUE(corpus.ok());
  EXPECT_EQ(corpus->sources[0].name, "stdin");
  EXPECT_THAT(ReadSource(corpus->sources[0]).entries, ElementsAre("1:one", "2:two"));
  EXPECT_EQ(*SpoolStandardInput(-1, spool), kTwoLines.size()) << "a resumed job reads its first input again";
}

TEST_F(BadFilesTest, ClosedStandardInputIsAnErrorAndLeavesNothing) {
  EXPECT_EQ(ErrorReason(SpoolStandardInput(-1, folder_ / "stdin").status()), "NO_INPUT");
  const int taken_since = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  EXPECT_EQ(ErrorReason(SpoolStandardInput(taken_since, folder_ / "stdin").status()), "NO_INPUT");
  ::close(taken_since);
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

}  // namespace
}  // namespace quern::dataset

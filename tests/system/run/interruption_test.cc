#include <fcntl.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include <sstream>

#include "tests/system/run/run_fixture.h"

namespace quern::testing {
namespace {

using ::testing::HasSubstr;

constexpr uint64_t kDocuments = 2000;

class InterruptionTest : public RunTest {
 protected:
  // Small, young shards: a kill is then likely to fall between two commits.
  std::vector<std::string> Words(const std::string& output) const {
    return {"run", corpus_, "--output", output, "--set", "output.max_shard_age=1s"};
  }

  // Starts the run and ends it with `signal` once Redis' log has grown by `bytes`. False when it ended before.
  bool Interrupt(int signal, uint64_t bytes, std::optional<int>* code) {
    const uint64_t before = LogBytes(Output());
    std::vector<std::string> words = Words(Output());
    words.insert(words.begin(), "quern");
    ChildProcess process(words);
    const bool under_way = WaitUntil(process, [&] { return LogBytes(Output()) >= before + bytes; });
    if (under_way) process.Signal(signal);
    *code = process.Wait(absl::Seconds(60));
    last_err_ = process.Stderr();
    return under_way;
  }

  void SetUp() override { corpus_ = WriteCorpus(kDocuments); }

  std::string corpus_;
  std::string last_err_;
};

TEST_F(InterruptionTest, KilledAgainAndAgainItMakesTheDatasetOfAnUninterruptedRun) {
  ASSERT_EQ(Quern(Words(Output("reference"))).code, 0);
  int kills = 0;
  std::optional<int> code;
  // The first kills fall into the start, ingest and work; later ones into what the kills before left over.
  for (const uint64_t bytes : {1'000, 200'000, 600'000, 600'000, 300'000}) {
    if (Interrupt(SIGKILL, bytes, &code)) ++kills;
  }
  EXPECT_GE(kills, 3);
  EXPECT_THAT(Quern({"inspect", Output()}).out, HasSubstr("not final"));
  const Said said = Quern(Words(Output()));
  ASSERT_EQ(said.code, 0) << said.err;
  ExpectComplete(Output(), kDocuments);
  EXPECT_EQ(RecordIds(Output()), RecordIds(Output("reference")));
}

// Cuts bytes off the newest file of Redis' log under `output`, once the server of the killed run is gone.
void TearLog(const std::string& output, uint64_t bytes) {
  // The server holds this lock while it lives.
  const int lock = open((output + "/redis/lock").c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_GE(lock, 0);
  ASSERT_EQ(flock(lock, LOCK_EX), 0);
  close(lock);
  std::string newest;
  for (const auto& entry : std::filesystem::directory_iterator(output + "/redis/appendonlydir")) {
    if (entry.path().extension() == ".aof" && entry.path().string() > newest) newest = entry.path();
  }
  ASSERT_GT(std::filesystem::file_size(newest), bytes);
  std::filesystem::resize_file(newest, std::filesystem::file_size(newest) - bytes);
}

TEST_F(InterruptionTest, APowerLossThatTearsRedisLogLosesAndDoublesNothing) {
  std::optional<int> code;
  int torn = 0;
  // Odd numbers, so that cuts fall into lengths, names and values alike.
  for (const uint64_t bytes : {37, 8'191, 50'021, 113}) {
    if (!Interrupt(SIGKILL, 300'000, &code)) break;
    TearLog(Output(), bytes);
    ++torn;
  }
  EXPECT_GE(torn, 3);
  const Said said = Quern(Words(Output()));
  ASSERT_EQ(said.code, 0) << said.err;
  ExpectComplete(Output(), kDocuments);
  std::stringstream log;
  log << std::ifstream(Output() + "/quern.log").rdbuf();
  EXPECT_THAT(log.str(), HasSubstr("torn transaction"));
}

TEST_F(InterruptionTest, SigtermDrainsAndTheSameCommandResumes) {
  std::optional<int> code;
  ASSERT_TRUE(Interrupt(SIGTERM, 400'000, &code));
  EXPECT_EQ(code, 143);
  EXPECT_THAT(last_err_, HasSubstr("the same command resumes"));
  ASSERT_TRUE(Interrupt(SIGINT, 100'000, &code));
  EXPECT_EQ(code, 130);
  const Said said = Quern(Words(Output()));
  ASSERT_EQ(said.code, 0) << said.err;
  EXPECT_THAT(said.err, HasSubstr("resuming"));
  ExpectComplete(Output(), kDocuments);
}

TEST_F(InterruptionTest, AnotherRunOnTheSameFolderIsRefusedWhileOneWorks) {
  std::vector<std::string> words = Words(Output());
  words.insert(words.begin(), "quern");
  ChildProcess first(words);
  ASSERT_TRUE(WaitUntil(first, [&] { return LogBytes(Output()) > 0; }));
  const Said second = Quern(Words(Output()));
  EXPECT_EQ(second.code, 73);
  EXPECT_THAT(second.err, HasSubstr(std::to_string(first.pid())));
  first.Signal(SIGKILL);
  first.Wait(absl::Seconds(10));
}

TEST_F(InterruptionTest, ACrashOfThePrivateRedisIsHealedByTheRunItself) {
  std::vector<std::string> words = Words(Output());
  words.insert(words.begin(), "quern");
  ChildProcess process(words);
  ASSERT_TRUE(WaitUntil(process, [&] { return LogBytes(Output()) >= 500'000; }));
  // The server is the only child of the run.
  ChildProcess killer({"/usr/bin/pkill", "-KILL", "-P", std::to_string(process.pid()), "redis-server"});
  EXPECT_EQ(killer.Wait(absl::Seconds(10)), 0);
  ASSERT_EQ(process.Wait(absl::Seconds(100)), 0) << process.Stderr();
  ExpectComplete(Output(), kDocuments);
}

}  // namespace
}  // namespace quern::testing

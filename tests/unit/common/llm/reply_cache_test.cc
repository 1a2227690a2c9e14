// Replies on disk: what is found again, by whom, and what a folder that is no cache leads to.
#include "common/llm/reply_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <lmdb.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/error.h"
#include "common/base/hash.h"
#include "tests/unit/common/dataset/temporary_folder.h"

namespace quern::llm {
namespace {

using ::testing::HasSubstr;

constexpr uint64_t kSmallCache = 4 << 20;

CachedReply ReplyOf(std::string text) {
  CachedReply reply;
  reply.text = std::move(text);
  reply.finish_reason = "stop";
  reply.model = "qwen";
  reply.usage.input = 10;
  reply.usage.cached = 3;
  reply.usage.output = 5;
  return reply;
}

std::string KeyOf(int number) { return ContentHash(absl::StrCat("question ", number)); }

class ReplyCacheTest : public ::testing::Test {
 protected:
  std::string folder() const { return folder_ / "cache"; }
  std::string data() const { return folder() + "/data.mdb"; }

  std::unique_ptr<ReplyCache> Open(uint64_t max_bytes = kSmallCache) const {
    auto cache = ReplyCache::Open({folder(), max_bytes});
    EXPECT_TRUE(cache.ok()) << cache.status();
    return cache.ok() ? *std::move(cache) : nullptr;
  }

  // The text found, or "".
  static std::string Text(ReplyCache& cache, int number) {
    const auto reply = cache.Find(KeyOf(number));
    return reply ? reply->text : "";
  }

  // Opening fails as a fault of the configuration that names the folder and says `what`.
  void ExpectRefused(const std::string& what) const {
    const auto cache = ReplyCache::Open({folder(), kSmallCache});
    ASSERT_FALSE(cache.ok());
    EXPECT_EQ(ErrorReason(cache.status()), "INVALID_CONFIG");
    EXPECT_THAT(std::string(cache.status().message()), HasSubstr(folder()));
    EXPECT_THAT(std::string(cache.status().message()), HasSubstr(what));
  }

  // Puts one entry into the folder's LMDB, as a program other than the cache would.
  void PutByHand(std::string key, std::string value) const {
    std::filesystem::create_directories(folder());
    MDB_env* environment = nullptr;
    MDB_txn* transaction = nullptr;
    MDB_dbi database = 0;
    ASSERT_EQ(mdb_env_create(&environment), 0);
    ASSERT_EQ(mdb_env_open(environment, folder().c_str(), 0, 0600), 0);
    ASSERT_EQ(mdb_txn_begin(environment, nullptr, 0, &transaction), 0);
    ASSERT_EQ(mdb_dbi_open(transaction, nullptr, 0, &database), 0);
    MDB_val name = {key.size(), key.data()};
    MDB_val content = {value.size(), value.data()};
    ASSERT_EQ(mdb_put(transaction, database, &name, &content, 0), 0);
    ASSERT_EQ(mdb_txn_commit(transaction), 0);
    mdb_env_close(environment);
  }

  dataset::TemporaryFolder folder_;
};

TEST_F(ReplyCacheTest, FindsWhatWasStoredAtOnceAndAfterItWasClosed) {
  const std::string text = std::string("{\"n\": \"vi\xc3\xa9r\"}\0 and a NUL", 25);
  {
    const auto cache = Open();
    EXPECT_FALSE(cache->Find(KeyOf(1)));
    cache->Store(KeyOf(1), ReplyOf(text));
    EXPECT_EQ(Text(*cache, 1), text) << "before it is on disk";
  }
  const auto cache = Open();
  const auto reply = cache->Find(KeyOf(1));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->text, text);
  EXPECT_EQ(reply->finish_reason, "stop");
  EXPECT_EQ(reply->model, "qwen");
  EXPECT_EQ(reply->usage.input, 10u);
  EXPECT_EQ(reply->usage.cached, 3u);
  EXPECT_EQ(reply->usage.output, 5u);
  EXPECT_FALSE(cache->Find(KeyOf(2)));
}

TEST_F(ReplyCacheTest, TheLastReplyToAQuestionCounts) {
  {
    const auto cache = Open();
    cache->Store(KeyOf(1), ReplyOf("old"));
  }
  {
    const auto cache = Open();
    cache->Store(KeyOf(1), ReplyOf("new"));
    EXPECT_EQ(Text(*cache, 1), "new");
  }
  EXPECT_EQ(Text(*Open(), 1), "new");
}

// A process that is killed takes along what it stored in the last moment, and no more.
TEST_F(ReplyCacheTest, WritesWithoutBeingClosed) {
  const pid_t child = fork();
  if (child == 0) {
    auto cache = ReplyCache::Open({folder(), kSmallCache});
    if (!cache.ok()) _exit(1);
    (*cache)->Store(KeyOf(1), ReplyOf("four"));
    while (true) absl::SleepFor(absl::Hours(1));
  }
  // Its process is the only one that writes.
  const absl::Time give_up = absl::Now() + absl::Seconds(30);
  while (dataset::TemporaryFolder::Read(data()).find("four") == std::string::npos && absl::Now() < give_up) {
    absl::SleepFor(absl::Milliseconds(5));
  }
  kill(child, SIGKILL);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the child could not open the cache";
  EXPECT_EQ(Text(*Open(), 1), "four");
}

TEST_F(ReplyCacheTest, AFullCacheKeepsWhatItHas) {
  constexpr int kFirst = 20;
  constexpr int kMore = 200;
  const std::string large(64 << 10, 'x');
  {
    const auto cache = Open();
    for (int i = 0; i < kFirst; ++i) cache->Store(KeyOf(i), ReplyOf(large));
  }
  {
    const auto cache = Open();
    for (int i = kFirst; i < kFirst + kMore; ++i) cache->Store(KeyOf(i), ReplyOf(large));
  }
  EXPECT_LE(std::filesystem::file_size(data()), kSmallCache);
  const auto cache = Open();
  for (int i = 0; i < kFirst; ++i) EXPECT_EQ(Text(*cache, i), large) << i;
  int found = 0;
  for (int i = kFirst; i < kFirst + kMore; ++i) found += Text(*cache, i) == large ? 1 : 0;
  EXPECT_LT(found, kMore);
}

TEST_F(ReplyCacheTest, CountsWhatItCouldNotKeep) {
  const auto cache = Open(1 << 20);
  cache->Store(KeyOf(1), ReplyOf(std::string(2 << 20, 'x')));
  const absl::Time give_up = absl::Now() + absl::Seconds(30);
  while (cache->lost() == 0 && absl::Now() < give_up) absl::SleepFor(absl::Milliseconds(5));
  EXPECT_EQ(cache->lost(), 1u);
  EXPECT_EQ(Text(*cache, 1), "");
  cache->Store(KeyOf(2), ReplyOf("small"));
  EXPECT_EQ(cache->lost(), 2u) << "full is full";
}

// Each process sees what the other has committed, a file that outgrew its own limit included.
TEST_F(ReplyCacheTest, TwoProcessesShareAFolder) {
  constexpr int kReplies = 100;
  const std::string large(64 << 10, 'x');
  int begin[2];
  ASSERT_EQ(pipe(begin), 0);
  // Before this process has threads of its own.
  const pid_t child = fork();
  if (child == 0) {
    char go = 0;
    if (read(begin[0], &go, 1) != 1) _exit(1);
    auto cache = ReplyCache::Open({folder(), 16 * kSmallCache});
    if (!cache.ok() || Text(**cache, -1) != "of the parent") _exit(2);
    for (int i = 0; i < kReplies; ++i) (*cache)->Store(KeyOf(i), ReplyOf(large));
    (*cache).reset();
    _exit(0);
  }
  { Open()->Store(KeyOf(-1), ReplyOf("of the parent")); }
  const auto cache = Open();
  ASSERT_EQ(write(begin[1], "x", 1), 1);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  for (int i = 0; i < kReplies; ++i) EXPECT_EQ(Text(*cache, i), large) << i;
  cache->Store(KeyOf(kReplies), ReplyOf("more"));
  EXPECT_EQ(Text(*cache, -1), "of the parent");
}

// Killed at any moment of a commit, with the lock of all writers in its hands.
TEST_F(ReplyCacheTest, AProcessThatIsKilledWhileItWritesHoldsNobodyUp) {
  constexpr int kKills = 8;
  constexpr int kEach = 20;
  constexpr uint64_t kRoom = uint64_t{64} << 20;
  struct Writer {
    pid_t process = 0;
    int go[2];
    int begun[2];
  };
  std::vector<Writer> writers(kKills);
  for (Writer& writer : writers) {
    ASSERT_EQ(pipe(writer.go) + pipe(writer.begun), 0);
    writer.process = fork();
    if (writer.process != 0) {
      close(writer.go[0]);
      close(writer.begun[1]);
      continue;
    }
    char go = 0;
    if (read(writer.go[0], &go, 1) != 1) _exit(1);
    auto cache = ReplyCache::Open({folder(), kRoom});
    if (!cache.ok()) std::cerr << cache.status() << '\n';
    if (!cache.ok() || write(writer.begun[1], "x", 1) != 1) _exit(2);
    const std::string large(100'000, 'x');
    for (int i = 0;; ++i) (*cache)->Store(KeyOf(-1 - i % 50), ReplyOf(large));
  }
  int settled[2];
  ASSERT_EQ(pipe(settled), 0);
  const pid_t reader = fork();
  if (reader == 0) {
    char go = 0;
    if (read(settled[0], &go, 1) != 1) _exit(1);
    const auto cache = Open(kRoom);
    if (cache == nullptr) _exit(2);
    const absl::Time give_up = absl::Now() + absl::Seconds(60);
    while (Text(*cache, kKills * kEach) != "the last" && absl::Now() < give_up) absl::SleepFor(absl::Milliseconds(5));
    _exit(absl::Now() < give_up ? 0 : 3);
  }
  const auto cache = Open(kRoom);
  for (int kill_number = 0; kill_number < kKills; ++kill_number) {
    const Writer& writer = writers[kill_number];
    char begun = 0;
    ASSERT_EQ(write(writer.go[1], "x", 1), 1);
    ASSERT_EQ(read(writer.begun[0], &begun, 1), 1) << "the child could not open the cache";
    for (int i = 0; i < kEach; ++i) {
      cache->Store(KeyOf(kill_number * kEach + i), ReplyOf(absl::StrCat("reply ", i)));
      absl::SleepFor(absl::Milliseconds(1 + kill_number));
    }
    kill(writer.process, SIGKILL);
    int status = 0;
    ASSERT_EQ(waitpid(writer.process, &status, 0), writer.process);
    EXPECT_TRUE(WIFSIGNALED(status));
  }
  // Committed, although the last writer may have died in a commit: another process finds it.
  cache->Store(KeyOf(kKills * kEach), ReplyOf("the last"));
  ASSERT_EQ(write(settled[1], "x", 1), 1);
  int status = 0;
  ASSERT_EQ(waitpid(reader, &status, 0), reader);
  EXPECT_EQ(status, 0);
  for (int i = 0; i < kKills * kEach; ++i) EXPECT_EQ(Text(*cache, i), absl::StrCat("reply ", i % kEach)) << i;
  EXPECT_EQ(cache->lost(), 0u);
}

TEST_F(ReplyCacheTest, ManyThreadsStoreAndFind) {
  constexpr int kThreads = 8;
  constexpr int kEach = 300;
  const auto cache = Open(16 * kSmallCache);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&cache, t] {
      for (int i = 0; i < kEach; ++i) {
        const int own = t * kEach + i;
        cache->Store(KeyOf(own), ReplyOf(absl::StrCat("reply ", own)));
        EXPECT_EQ(Text(*cache, own), absl::StrCat("reply ", own));
        // Another's may be there by now, and is whole when it is.
        const int other = ((t + 1) % kThreads) * kEach + i;
        const std::string text = Text(*cache, other);
        EXPECT_TRUE(text.empty() || text == absl::StrCat("reply ", other)) << text;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int i = 0; i < kThreads * kEach; ++i) EXPECT_EQ(Text(*cache, i), absl::StrCat("reply ", i));
  EXPECT_EQ(cache->lost(), 0u);
}

TEST_F(ReplyCacheTest, AFolderThatCannotBeMadeIsRefused) {
  folder_.Write("cache", "a file");
  ExpectRefused("local disk");
}

TEST_F(ReplyCacheTest, AForeignFileIsRefusedAndLeftAlone) {
  const std::string foreign(10'000, '#');
  folder_.Write("cache/data.mdb", foreign);
  ExpectRefused("remove data.mdb");
  EXPECT_EQ(dataset::TemporaryFolder::Read(data()), foreign);
}

// Otherwise one whose writer was killed could be shorter than what LMDB counts, as if it had been cut.
TEST_F(ReplyCacheTest, TheFileHasItsLengthFromTheBeginning) {
  const auto length = [this] { return std::filesystem::file_size(data()); };
  Open(kSmallCache);
  EXPECT_EQ(length(), kSmallCache);
  Open(2 * kSmallCache);
  EXPECT_EQ(length(), 2 * kSmallCache);
  Open(kSmallCache)->Store(KeyOf(1), ReplyOf("a reply"));
  EXPECT_EQ(length(), 2 * kSmallCache);
  EXPECT_EQ(Text(*Open(kSmallCache), 1), "a reply");
}

TEST_F(ReplyCacheTest, AFileThatWasCutIsRefused) {
  {
    const auto cache = Open();
    for (int i = 0; i < 20; ++i) cache->Store(KeyOf(i), ReplyOf(std::string(10'000, 'x')));
  }
  std::filesystem::resize_file(data(), 100'000);
  ExpectRefused("damaged");
}

TEST_F(ReplyCacheTest, ADatabaseOfAnotherProgramIsRefused) {
  PutByHand("somebody", "else");
  ExpectRefused("no reply cache");
}

TEST_F(ReplyCacheTest, AnotherFormatIsRefused) {
  PutByHand("quern reply cache", "2");
  ExpectRefused("has format 2, and this program reads format 1");
}

TEST_F(ReplyCacheTest, ADamagedReplyIsForgotten) {
  { Open()->Store(KeyOf(1), ReplyOf("a reply to be damaged")); }
  std::string bytes = dataset::TemporaryFolder::Read(data());
  const size_t at = bytes.find("to be damaged");
  ASSERT_NE(at, std::string::npos);
  bytes[at] ^= 1;
  folder_.Write("cache/data.mdb", bytes);
  EXPECT_FALSE(Open()->Find(KeyOf(1)));
}

}  // namespace
}  // namespace quern::llm

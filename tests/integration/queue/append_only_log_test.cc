// The log of a Redis whose machine lost power.
#include "common/queue/append_only_log.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "common/base/error.h"
#include "common/queue/redis.h"
#include "tests/integration/queue/support/job_fixture.h"
#include "tests/support/redis_server.h"

namespace quern::testing {
namespace {

constexpr queue::Script kSetBoth = {"set_both",
                                    "redis.call('SET', KEYS[1], ARGV[1]) redis.call('SET', KEYS[2], ARGV[1])"};

// A log that holds ten runs of a script which writes two keys alike.
class AppendOnlyLogTest : public ::testing::Test {
 protected:
  void SetUp() override {
    queue::Redis redis(At(server_.url()));
    for (int i = 0; i < 10; ++i) {
      const std::string value = std::to_string(i);
      ASSERT_TRUE(redis.Run(kSetBoth, {"{t}a", "{t}b"}, {value}).ok());
    }
    server_.Kill();
  }

  std::string Value(const std::string& key) { return queue::Redis(At(server_.url())).Command({"GET", key})->string; }

  RedisServer server_;
};

TEST_F(AppendOnlyLogTest, AWholeLogIsLeftAlone) {
  const uint64_t bytes = server_.AppendOnlyFileBytes();
  EXPECT_EQ(*queue::RepairAppendOnlyLog(server_.folder()), 0u);
  EXPECT_EQ(server_.AppendOnlyFileBytes(), bytes);
}

TEST_F(AppendOnlyLogTest, AFolderWithoutALogIsNoFault) { EXPECT_EQ(*queue::RepairAppendOnlyLog("/nowhere"), 0u); }

// Redis itself leaves MULTI and the first SET behind, which the start after next carries out.
TEST_F(AppendOnlyLogTest, HalfATransactionIsNeverCarriedOut) {
  for (const uint64_t cut : {3, 17, 40, 55, 61, 80}) {
    server_.CutAppendOnlyFile(cut);
    const uint64_t before = server_.AppendOnlyFileBytes();
    const auto repaired = queue::RepairAppendOnlyLog(server_.folder());
    ASSERT_TRUE(repaired.ok()) << repaired.status();
    EXPECT_EQ(server_.AppendOnlyFileBytes(), before - *repaired);
    for (int start = 0; start < 2; ++start) {
      server_.Start();
      EXPECT_EQ(Value("{t}a"), Value("{t}b")) << "cut " << cut << " start " << start;
      server_.Kill();
    }
  }
}

TEST_F(AppendOnlyLogTest, ZerosThatAPowerLossLeftAreCutOff) {
  const uint64_t bytes = server_.AppendOnlyFileBytes();
  std::filesystem::resize_file(server_.AppendOnlyFile(), bytes + 4096);
  EXPECT_EQ(*queue::RepairAppendOnlyLog(server_.folder()), 4096u);
  EXPECT_EQ(server_.AppendOnlyFileBytes(), bytes);
}

TEST_F(AppendOnlyLogTest, MoreThanACrashCanTearIsRefusedAndNothingIsCut) {
  const uint64_t bytes = server_.AppendOnlyFileBytes();
  std::filesystem::resize_file(server_.AppendOnlyFile(), bytes + (65 << 20));
  const auto repaired = queue::RepairAppendOnlyLog(server_.folder());
  EXPECT_EQ(ErrorReason(repaired.status()), "LOG_DAMAGED") << repaired.status();
  EXPECT_EQ(server_.AppendOnlyFileBytes(), bytes + (65 << 20));
}

TEST_F(AppendOnlyLogTest, AFaultInAnOlderFileIsRefused) {
  const std::filesystem::path torn = server_.AppendOnlyFile();
  std::filesystem::resize_file(torn, std::filesystem::file_size(torn) - 5);
  const std::filesystem::path newer = torn.parent_path() / "appendonly.aof.9.incr.aof";
  std::ofstream(newer) << "*1\r\n$4\r\nPING\r\n";
  std::ofstream(torn.parent_path() / "appendonly.aof.manifest", std::ios::app)
      << "file appendonly.aof.9.incr.aof seq 9 type i\n";
  const auto repaired = queue::RepairAppendOnlyLog(server_.folder());
  EXPECT_EQ(ErrorReason(repaired.status()), "LOG_DAMAGED") << repaired.status();
}

}  // namespace
}  // namespace quern::testing

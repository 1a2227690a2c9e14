#include "clients/cli/private_redis.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "absl/time/clock.h"
#include "common/base/error.h"
#include "common/base/file_lock.h"
#include "common/queue/redis.h"
#include "tests/unit/common/dataset/temporary_folder.h"

namespace quern::cli {
namespace {

using dataset::TemporaryFolder;

using ::testing::HasSubstr;

constexpr absl::Duration kPatience = absl::Seconds(20);

// Waits until `condition` holds; false when it takes too long.
template <class Condition>
bool Eventually(const Condition& condition) {
  const absl::Time deadline = absl::Now() + kPatience;
  while (!condition()) {
    if (absl::Now() > deadline) return false;
    absl::SleepFor(absl::Milliseconds(5));
  }
  return true;
}

queue::RedisOptions To(const PrivateRedis& redis) {
  queue::RedisOptions options;
  options.url = redis.url();
  return options;
}

TEST(PrivateRedisTest, IsSafeToKeepWorkInAndKeepsItOverRestarts) {
  TemporaryFolder folder;
  for (int start = 0; start < 2; ++start) {
    const auto redis = PrivateRedis::Start(folder.path() + "/redis", {});
    ASSERT_TRUE(redis.ok()) << redis.status();
    queue::Redis connection(To(**redis));
    ASSERT_TRUE(connection.Connect().ok()) << connection.Connect();
    const auto before = connection.Command({"GET", "key"});
    ASSERT_TRUE(before.ok());
    EXPECT_EQ(before->string, start == 0 ? "" : "value");
    ASSERT_TRUE(connection.Command({"SET", "key", "value"}).ok());
  }
}

TEST(PrivateRedisTest, AVeryLongFolderIsNoProblemForTheSocket) {
  TemporaryFolder folder;
  const std::string deep = folder.path() + "/" + std::string(120, 'd') + "/with blanks and \"quotes\"";
  const auto redis = PrivateRedis::Start(deep, {});
  ASSERT_TRUE(redis.ok()) << redis.status();
  EXPECT_TRUE(queue::Redis(To(**redis)).Connect().ok());
}

TEST(PrivateRedisTest, ACrashOfTheServerIsAnsweredByStartingItAgain) {
  // As every process with a connection to Redis does.
  signal(SIGPIPE, SIG_IGN);
  TemporaryFolder folder;
  const auto redis = PrivateRedis::Start(folder.path() + "/redis", {});
  ASSERT_TRUE(redis.ok()) << redis.status();
  queue::Redis connection(To(**redis));
  ASSERT_TRUE(connection.Command({"SET", "key", "value"}).ok());
  kill((*redis)->pid(), SIGKILL);
  absl::StatusOr<queue::Reply> value = absl::UnknownError("");
  EXPECT_TRUE(Eventually([&] { return (value = connection.Command({"GET", "key"})).ok(); })) << value.status();
  EXPECT_EQ(value->string, "value");
}

TEST(PrivateRedisTest, EndsWithAParentThatIsKilledAndTheNextOneTakesOver) {
  TemporaryFolder folder;
  const std::string redis_folder = folder.path() + "/redis";
  const pid_t parent = fork();
  if (parent == 0) {
    const auto redis = PrivateRedis::Start(redis_folder, {});
    folder.Write(redis.ok() ? "started" : "failed", "");
    pause();
  }
  ASSERT_TRUE(Eventually([&] { return std::filesystem::exists(folder.path() + "/started"); }));
  kill(parent, SIGKILL);
  waitpid(parent, nullptr, 0);
  // The server holds this lock while it lives.
  const auto lock = FileLock::Acquire(redis_folder + "/lock", kPatience);
  EXPECT_TRUE(lock.ok()) << lock.status();
}

TEST(PrivateRedisTest, LeavesNoSocketFolderBehindAndRemovesThatOfAKilledRun) {
  TemporaryFolder folder;
  const std::string redis_folder = folder.path() + "/redis";
  std::string stale = (std::filesystem::temp_directory_path() / "quern-stale-XXXXXX").string();
  ASSERT_NE(mkdtemp(stale.data()), nullptr);
  std::filesystem::create_directories(redis_folder);
  std::filesystem::create_directory_symlink(stale, redis_folder + "/socket-folder");
  std::string socket_folder;
  {
    const auto redis = PrivateRedis::Start(redis_folder, {});
    ASSERT_TRUE(redis.ok()) << redis.status();
    EXPECT_FALSE(std::filesystem::exists(stale));
    socket_folder = std::filesystem::path((*redis)->url().substr(7)).parent_path().string();
    EXPECT_TRUE(std::filesystem::exists(socket_folder));
  }
  EXPECT_FALSE(std::filesystem::exists(socket_folder));
}

TEST(PrivateRedisTest, AServerThatCannotReadItsFileSaysSo) {
  TemporaryFolder folder;
  { ASSERT_TRUE(PrivateRedis::Start(folder.path(), {}).ok()); }
  for (const auto& entry : std::filesystem::directory_iterator(folder.path() + "/appendonlydir")) {
    if (entry.path().extension() == ".manifest") folder.Write("appendonlydir/" + entry.path().filename().string(), "x");
  }
  const auto redis = PrivateRedis::Start(folder.path(), {});
  EXPECT_EQ(ErrorReason(redis.status()), "LOG_DAMAGED");
  EXPECT_THAT(std::string(redis.status().message()), HasSubstr("manifest"));
}

}  // namespace
}  // namespace quern::cli

// The sink's promise under crashes: every terminal key stands in the dataset exactly once, whatever is killed when.
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/integration/services/pipeline/support/harness.h"

namespace quern::pipeline {
namespace {

// The real quern-pipeline over a Redis and a data folder, reached by a unix socket. Thread-compatible.
class PipelineProcess {
 public:
  PipelineProcess(std::string redis_url, std::string folder)
      : redis_url_(std::move(redis_url)), folder_(std::move(folder)) {
    Start();
    channel_ = grpc::CreateChannel("unix:" + folder_ + "/grpc.sock", grpc::InsecureChannelCredentials());
    stub_ = v1::PipelineService::NewStub(channel_);
  }
  ~PipelineProcess() { End(SIGKILL); }

  void Start() {
    const std::vector<std::string> arguments = {QUERN_PIPELINE_BINARY};
    const std::vector<std::string> environment = {
        "QUERN_REDIS_URL=" + redis_url_, "QUERN_LISTEN_GRPC=unix:" + folder_ + "/grpc.sock", "QUERN_LISTEN_METRICS=off",
        "QUERN_LOG_LEVEL=error", "QUERN_PIPELINE_DATA_DIR=" + folder_};
    std::filesystem::remove(folder_ + "/grpc.sock");
    pid_ = fork();
    ASSERT_GE(pid_, 0);
    if (pid_ > 0) return;
    std::vector<char*> argv, envp;
    for (const std::string& word : arguments) argv.push_back(const_cast<char*>(word.c_str()));
    for (const std::string& word : environment) envp.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    envp.push_back(nullptr);
    execve(argv[0], argv.data(), envp.data());
    _exit(127);
  }

  // Sends `signal` and waits for the end; returns what waitpid told.
  int End(int signal) {
    if (pid_ <= 0) return 0;
    kill(pid_, signal);
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = 0;
    return status;
  }

  void Restart() {
    End(SIGKILL);
    Start();
  }

  // Waits until the process answers.
  v1::PipelineService::Stub& stub() {
    EXPECT_TRUE(channel_->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(60)));
    return *stub_;
  }

 private:
  const std::string redis_url_;
  const std::string folder_;
  pid_t pid_ = 0;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::PipelineService::Stub> stub_;
};

// Seeded; the seed is printed so that a failure can be repeated.
std::mt19937_64 Random() {
  const uint64_t seed = std::random_device()();
  ::testing::Test::RecordProperty("seed", std::to_string(seed));
  printf("seed %lu\n", static_cast<unsigned long>(seed));
  return std::mt19937_64(seed);
}

TEST(CrashTest, SinkKilledAtRandomWritesEachTerminalOnce) {
  std::mt19937_64 random = Random();
  testing::RedisServer redis({"--appendfsync", "always"});
  TemporaryFolder folder;
  signal(SIGPIPE, SIG_IGN);
  PipelineProcess process(redis.url(), folder.path());
  FakeStages stages(redis.url());
  v1::JobSpec spec = SmallSpec();
  spec.mutable_queue()->set_lanes(2);
  // Commits of a few hundred results, so that most of the time one of them is on its way.
  spec.mutable_queue()->set_max_documents_held(400);
  CreateJob(process.stub(), "j", spec);
  constexpr uint64_t kDocuments = 8000;
  const auto entries = MakeEntries(kDocuments);
  std::thread client([&] {
    IngestAll(process.stub(), "j", "s", entries, 100);
    CloseInput(process.stub(), "j");
  });
  for (int kills = 0; kills < 12; ++kills) {
    process.stub();  // waits until it serves, so that each life does some work
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 600));
    process.Restart();
  }
  client.join();
  const v1::Job job = WaitForState(process.stub(), "j", v1::JOB_STATE_COMPLETED);
  EXPECT_TRUE(job.counts().reconciles());
  EXPECT_EQ(job.counts().documents().accepted(), kDocuments);
  EXPECT_EQ(KeysOf(folder.path() + "/j"), ExpectedKeys(kDocuments));
  EXPECT_EQ(job.counts().items().records(), ExpectedKeys(kDocuments).at("records").size());
}

TEST(CrashTest, SigtermDrainsWithinItsGrace) {
  testing::RedisServer redis({"--appendfsync", "always"});
  TemporaryFolder folder;
  signal(SIGPIPE, SIG_IGN);
  PipelineProcess process(redis.url(), folder.path());
  FakeStages stages(redis.url());
  CreateJob(process.stub(), "j", SmallSpec());
  IngestAll(process.stub(), "j", "s", MakeEntries(500));
  const absl::Time begin = absl::Now();
  const int status = process.End(SIGTERM);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  EXPECT_LT(absl::Now() - begin, absl::Seconds(10));
  process.Start();
  CloseInput(process.stub(), "j");
  WaitForState(process.stub(), "j", v1::JOB_STATE_COMPLETED);
  EXPECT_EQ(KeysOf(folder.path() + "/j"), ExpectedKeys(500));
}

// A log that lost its tail although it was fsynced (a swapped disk, a lying controller): the dataset is ahead, and must
// be rolled back to Redis.
TEST(CrashTest, DatasetIsRolledBackWhenRedisLostCommits) {
  std::mt19937_64 random = Random();
  PipelineHarness harness;
  const auto entries = MakeEntries(3000);
  v1::JobSpec spec = SmallSpec();
  spec.mutable_queue()->set_lanes(2);
  spec.mutable_queue()->set_max_documents_held(300);
  CreateJob(harness.stub(), "j", spec);
  {
    FakeStages stages(harness.redis().url());
    IngestAll(harness.stub(), "j", "s", entries);
    WaitForJob(harness.stub(), "j", [](const v1::Job& job) { return job.counts().items().records() > 2000; });
  }
  const auto commits = [&] { return dataset::LoadManifest(harness.dataset("j"))->lane_commits; };
  harness.Stop();
  const auto before = commits();
  harness.redis().Kill();
  const uint64_t bytes = harness.redis().AppendOnlyFileBytes();
  harness.redis().CutAppendOnlyFile(bytes / 4 + random() % (bytes / 4));
  harness.redis().Start();
  harness.Start();
  // The sink goes back to Redis' commits at once, before any work is done again.
  WaitForJob(harness.stub(), "j", [&](const v1::Job&) {
    const auto after = commits();
    return after.at(0) < before.at(0) && after.at(1) < before.at(1);
  });
  FakeStages stages(harness.redis().url());
  IngestAll(harness.stub(), "j", "s", entries);
  CloseInput(harness.stub(), "j");
  const v1::Job job = WaitForState(harness.stub(), "j", v1::JOB_STATE_COMPLETED);
  EXPECT_TRUE(job.counts().reconciles());
  EXPECT_EQ(KeysOf(harness.dataset("j")), ExpectedKeys(3000));
  EXPECT_EQ(job.counts().items().records(), ExpectedKeys(3000).at("records").size());
}

// Redis is killed again and again under everysec while the sink commits: nothing is ahead for good.
TEST(CrashTest, RedisKilledWhileTheSinkCommits) {
  PipelineHarness harness(std::vector<std::string>{});
  FakeStages stages(harness.redis().url());
  v1::JobSpec spec = SmallSpec();
  spec.mutable_queue()->set_max_documents_held(1000);
  CreateJob(harness.stub(), "j", spec);
  const auto entries = MakeEntries(4000);
  std::thread client([&] {
    IngestAll(harness.stub(), "j", "s", entries, 20);
    // What was only accepted may be lost with the last crash: ask until the source is complete.
    IngestAll(harness.stub(), "j", "s", entries, 20);
  });
  for (int round = 0; round < 3; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1500));
    harness.redis().Kill();
    harness.redis().Start();
  }
  client.join();
  IngestAll(harness.stub(), "j", "s", entries, 20);
  CloseInput(harness.stub(), "j");
  const v1::Job job = WaitForState(harness.stub(), "j", v1::JOB_STATE_COMPLETED);
  EXPECT_TRUE(job.counts().reconciles());
  EXPECT_EQ(KeysOf(harness.dataset("j")), ExpectedKeys(4000));
}

// Nothing can be written where the shards belong: the job is not failed, it says what hinders it and goes on later.
TEST(CrashTest, AFaultOfTheDiskIsWaitedOut) {
  PipelineHarness harness;
  FakeStages stages(harness.redis().url());
  CreateJob(harness.stub(), "j", SmallSpec());
  const std::filesystem::path records = harness.dataset("j") + "/records";
  WaitForJob(harness.stub(), "j", [&](const v1::Job&) { return std::filesystem::exists(records); });
  std::filesystem::remove(records);
  std::ofstream(records) << "in the way";
  IngestAll(harness.stub(), "j", "s", MakeEntries(100));
  CloseInput(harness.stub(), "j");
  const v1::Job stuck = WaitForJob(harness.stub(), "j", [](const v1::Job& job) { return !job.state_reason().empty(); });
  EXPECT_EQ(stuck.state(), v1::JOB_STATE_RUNNING);
  EXPECT_EQ(stuck.counts().items().records(), 0u);
  std::filesystem::remove(records);
  const v1::Job job = WaitForState(harness.stub(), "j", v1::JOB_STATE_COMPLETED);
  EXPECT_EQ(job.state_reason(), "");
  EXPECT_EQ(KeysOf(harness.dataset("j")), ExpectedKeys(100));
}

// Shards that are gone are not papered over.
TEST(CrashTest, ADatasetThatIsBehindRedisIsRefused) {
  PipelineHarness harness;
  FakeStages stages(harness.redis().url());
  CreateJob(harness.stub(), "j", SmallSpec());
  IngestAll(harness.stub(), "j", "s", MakeEntries(100));
  WaitForJob(harness.stub(), "j", [](const v1::Job& job) { return job.counts().items().records() == 150; });
  harness.Stop();
  std::filesystem::remove_all(harness.dataset("j"));
  harness.Start();
  const v1::Job job = WaitForJob(harness.stub(), "j", [](const v1::Job& now) { return !now.state_reason().empty(); });
  EXPECT_NE(job.state_reason().find("shards are missing"), std::string::npos) << job.state_reason();
}

}  // namespace
}  // namespace quern::pipeline

#include "common/base/config/service_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "common/base/config/yaml.h"
#include "common/base/error.h"

namespace quern::config {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::string WriteFile(const std::string& name, const std::string& content) {
  const std::string path = ::testing::TempDir() + "/" + name;
  std::ofstream(path) << content;
  return path;
}

std::string FaultsOf(const ConfigSources& sources) {
  const auto loaded = LoadServiceConfig(kFilterProcess, sources);
  EXPECT_FALSE(loaded.ok());
  EXPECT_EQ(ErrorReason(loaded.status()), "INVALID_CONFIG");
  return std::string(loaded.status().message());
}

std::string SourceOf(const LoadedConfig& loaded, const std::string& path) {
  for (const Setting& setting : loaded.settings) {
    if (setting.path == path) return setting.source;
  }
  return "none";
}

TEST(ServiceConfigTest, NothingGivenMeansTheDefaultsOfTheProcess) {
  const auto loaded = LoadServiceConfig(kVerifierProcess, {});
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->config.listen().grpc(), "127.0.0.1:7074");
  EXPECT_EQ(loaded->config.listen().metrics(), "127.0.0.1:8074");
  EXPECT_EQ(loaded->config.listen().drain().seconds(), 630);
  EXPECT_EQ(loaded->config.worker().lease().seconds(), 30);
  EXPECT_FALSE(loaded->config.pipeline().has_data_dir());
  EXPECT_EQ(loaded->config.reply_cache().path(), "");
  EXPECT_EQ(loaded->config.reply_cache().max_bytes(), uint64_t{16} << 30);
  const auto pipeline = LoadServiceConfig(kPipelineProcess, {});
  ASSERT_TRUE(pipeline.ok()) << pipeline.status();
  EXPECT_EQ(pipeline->config.pipeline().filter_address(), "127.0.0.1:7071");
  EXPECT_EQ(pipeline->config.pipeline().retention().seconds(), 7 * 86400);
}

TEST(ServiceConfigTest, FlagWinsOverEnvironmentOverFileOverDefault) {
  ConfigSources sources;
  sources.file = WriteFile("precedence.yaml",
                           "redis: {url: 'redis://file:1', timeout: 1s}\nlog: {level: error}\nworker: {threads: 3}\n");
  sources.environment = {"QUERN_REDIS_URL=redis://env:1", "QUERN_LOG_LEVEL=warning", "PATH=/bin"};
  sources.overrides = {{"redis.url", "redis://flag:1", "--redis"}};
  const auto loaded = LoadServiceConfig(kFilterProcess, sources);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->config.redis().url(), "redis://flag:1");
  EXPECT_EQ(loaded->config.log().level(), "warning");
  EXPECT_EQ(loaded->config.worker().threads(), 3u);
  EXPECT_EQ(SourceOf(*loaded, "redis.url"), "--redis");
  EXPECT_EQ(SourceOf(*loaded, "log.level"), "environment QUERN_LOG_LEVEL");
  EXPECT_EQ(SourceOf(*loaded, "worker.threads"), "file " + sources.file);
  EXPECT_EQ(SourceOf(*loaded, "worker.lease"), "default");
}

TEST(ServiceConfigTest, AMisspelledVariableIsNamedWithTheOneThatWasMeant) {
  ConfigSources sources;
  sources.environment = {"QUERN_REDIS_ULR=redis://env:1", "QUERN_TEA=green", "QUERN_REDIS_PORT=6379", "PATH=/bin"};
  const auto loaded = LoadServiceConfig(kFilterProcess, sources);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_THAT(loaded->ignored_variables,
              ElementsAre(AllOf(Field(&IgnoredVariable::name, "QUERN_REDIS_ULR"),
                                Field(&IgnoredVariable::meant, "QUERN_REDIS_URL")),
                          AllOf(Field(&IgnoredVariable::name, "QUERN_TEA"), Field(&IgnoredVariable::meant, "")),
                          Field(&IgnoredVariable::name, "QUERN_REDIS_PORT")));
  EXPECT_THAT(PrintConfig(*loaded), HasSubstr("# ignored: environment QUERN_REDIS_ULR names no setting; did you mean "
                                              "QUERN_REDIS_URL?\n"));
}

TEST(ServiceConfigTest, VariablesOfKubernetesAndOfTheCommandLineAreNoMistakes) {
  ConfigSources sources;
  sources.environment = {"QUERN_FILTER_SERVICE_HOST=10.0.0.1",
                         "QUERN_FILTER_SERVICE_PORT=7071",
                         "QUERN_FILTER_SERVICE_PORT_GRPC=7071",
                         "QUERN_FILTER_PORT=tcp://10.0.0.1:7071",
                         "QUERN_FILTER_PORT_7071_TCP=tcp://10.0.0.1:7071",
                         "QUERN_FILTER_PORT_7071_TCP_ADDR=10.0.0.1",
                         "QUERN_FILTER_PORT_7071_TCP_PORT=7071",
                         "QUERN_FILTER_PORT_7071_TCP_PROTO=tcp",
                         "QUERN_SERVER=10.0.0.1:7070"};
  const auto loaded = LoadServiceConfig(kFilterProcess, sources);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_THAT(loaded->ignored_variables, IsEmpty());
}

TEST(ServiceConfigTest, FaultsOfAllSourcesAreToldAtOnce) {
  ConfigSources sources;
  sources.file = WriteFile("faults.yaml",
                           "lissten: {grpc: a}\nworker: {lease: 20s, concurrency: 0}\nlog: {level: loud}\n"
                           "listen: {grpc: nowhere, metrics: '127.0.0.1:70000'}\n");
  sources.environment = {"QUERN_REDIS_TIMEOUT=soon"};
  sources.overrides = {{"redis.url", "http://x:1", "--redis"}, {"no.such", "1", "--set no.such"}};
  EXPECT_THAT(FaultsOf(sources),
              AllOf(HasSubstr("lissten: is unknown; did you mean listen?"),
                    HasSubstr("worker.lease: must be at least 3 × worker.renewal"),
                    HasSubstr("worker.concurrency: must be from 1 to 65536, not 0"),
                    HasSubstr("log.level: expects debug, info, warning or error"),
                    HasSubstr("listen.grpc: expects host:port or unix:PATH"), HasSubstr("listen.metrics: expects"),
                    HasSubstr("environment QUERN_REDIS_TIMEOUT: redis.timeout: expects a duration"),
                    HasSubstr("redis.url: expects redis://"), HasSubstr("--set no.such: no.such: is unknown")));
}

TEST(ServiceConfigTest, PasswordFileMustHoldAPassword) {
  ConfigSources sources;
  sources.overrides = {{"redis.password_file", WriteFile("empty-password", "\n"), "--set"}};
  EXPECT_THAT(FaultsOf(sources), AllOf(HasSubstr("redis.password_file"), HasSubstr("is empty")));
  sources.overrides = {{"redis.password_file", "/nonexistent/password", "--set"}};
  EXPECT_THAT(FaultsOf(sources), HasSubstr("redis.password_file: cannot read /nonexistent/password"));
}

TEST(ServiceConfigTest, MissingFileIsNotFound) {
  ConfigSources sources;
  sources.file = "/nonexistent/quern.yaml";
  EXPECT_EQ(LoadServiceConfig(kFilterProcess, sources).status().code(), absl::StatusCode::kNotFound);
}

TEST(ServiceConfigTest, PrintedConfigurationHidesSecretsAndReadsBackAsTheSame) {
  ConfigSources sources;
  sources.overrides = {{"redis.url", "redis://:s3cret@host:6379/2", "--redis"}};
  const auto loaded = LoadServiceConfig(kFilterProcess, sources);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  const std::string printed = PrintConfig(*loaded);
  EXPECT_THAT(printed, Not(HasSubstr("s3cret")));
  EXPECT_THAT(printed, HasSubstr("url: \"redis://:***@host:6379/2\""));
  EXPECT_THAT(printed, HasSubstr("# --redis\n"));
  v1::ServiceConfig again;
  Faults faults;
  MergeYaml(printed, &again, &faults);
  EXPECT_TRUE(faults.empty()) << faults.ToStatus("X");
  again.mutable_redis()->set_url(loaded->config.redis().url());
  EXPECT_EQ(again.DebugString(), loaded->config.DebugString());
}

}  // namespace
}  // namespace quern::config

#include "tests/bench/end_to_end/observed_run.h"

#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/time/clock.h"
#include "tests/support/child_process.h"

namespace quern::bench {
namespace {

// Fields of /proc/PID/stat after the name, from the state on; empty when the process is gone.
std::vector<std::string> StatFields(pid_t pid) {
  std::stringstream text;
  text << std::ifstream("/proc/" + std::to_string(pid) + "/stat").rdbuf();
  const std::string line = text.str();
  std::vector<std::string> fields;
  const size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return fields;
  std::istringstream rest(line.substr(name_end + 1));
  for (std::string field; rest >> field;) fields.push_back(field);
  return fields;
}

// proc(5): utime and stime are fields 14 and 15, rss is 24, counted from the pid.
constexpr size_t kUserTicks = 14 - 3;
constexpr size_t kSystemTicks = 15 - 3;
constexpr size_t kResidentPages = 24 - 3;

double CpuSeconds(pid_t pid) {
  const std::vector<std::string> fields = StatFields(pid);
  if (fields.size() <= kResidentPages) return 0;
  return (std::stod(fields[kUserTicks]) + std::stod(fields[kSystemTicks])) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

uint64_t ResidentBytes(pid_t pid) {
  const std::vector<std::string> fields = StatFields(pid);
  if (fields.size() <= kResidentPages) return 0;
  return std::stoull(fields[kResidentPages]) * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

// The redis-server of a run: its only child, 0 before there is one.
pid_t FindServer(pid_t parent) {
  for (const auto& task : std::filesystem::directory_iterator("/proc/" + std::to_string(parent) + "/task")) {
    std::ifstream children(task.path() / "children");
    for (pid_t child = 0; children >> child;) return child;
  }
  return 0;
}

uint64_t FolderBytes(const std::string& folder) {
  uint64_t bytes = 0;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const uint64_t size = entry.file_size(error);
    if (!error) bytes += size;
  }
  return bytes;
}

}  // namespace

ObservedRun RunObserved(const std::string& quern, const std::string& corpus, const std::string& output,
                        absl::Duration interval) {
  ObservedRun seen;
  const absl::Time begin = absl::Now();
  testing::ChildProcess process({quern, "run", corpus, "--output", output, "--quiet"});
  pid_t server = 0;
  while (true) {
    if (const auto code = process.Wait(interval)) {
      seen.exit_code = *code;
      break;
    }
    if (server == 0) server = FindServer(process.pid());
    seen.quern_cpu_seconds = CpuSeconds(process.pid());
    seen.quern_resident_bytes.push_back(ResidentBytes(process.pid()));
    if (server == 0 || ResidentBytes(server) == 0) continue;
    seen.redis_cpu_seconds = CpuSeconds(server);
    seen.redis_resident_bytes.push_back(ResidentBytes(server));
    seen.log_bytes.push_back(FolderBytes(output + "/redis/appendonlydir"));
  }
  seen.wall = absl::Now() - begin;
  if (seen.exit_code != 0) std::fputs(process.Stderr().c_str(), stderr);
  return seen;
}

}  // namespace quern::bench

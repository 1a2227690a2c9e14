#include "common/service/process_metrics.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include "common/service/families.h"

namespace quern::service {
namespace {

// What /proc/self/stat tells, in its own units (proc(5)).
struct Stat {
  double user_ticks = 0;
  double system_ticks = 0;
  double threads = 0;
  double start_ticks = 0;
  double virtual_bytes = 0;
  double resident_pages = 0;
};

Stat ReadStat() {
  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  // The name in parentheses may hold blanks; what follows it begins with the third field.
  std::istringstream fields(line.substr(line.rfind(')') + 1));
  const std::vector<std::string> words{std::istream_iterator<std::string>(fields), {}};
  Stat stat;
  if (words.size() < 22) return stat;
  const auto field = [&](size_t number) { return std::stod(words[number - 3]); };
  stat.user_ticks = field(14);
  stat.system_ticks = field(15);
  stat.threads = field(20);
  stat.start_ticks = field(22);
  stat.virtual_bytes = field(23);
  stat.resident_pages = field(24);
  return stat;
}

// Seconds since the epoch at which the machine started.
double BootTime() {
  std::ifstream file("/proc/stat");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("btime ")) return std::stod(line.substr(6));
  }
  return 0;
}

double OpenFiles() {
  std::error_code error;
  const std::filesystem::directory_iterator files("/proc/self/fd", error);
  return static_cast<double>(std::distance(begin(files), end(files)));
}

}  // namespace

std::vector<prometheus::MetricFamily> ProcessMetrics::Collect() const {
  using prometheus::MetricType;
  const Stat stat = ReadStat();
  const double tick = static_cast<double>(sysconf(_SC_CLK_TCK));
  const double page = static_cast<double>(sysconf(_SC_PAGESIZE));
  std::vector<prometheus::MetricFamily> families;
  const auto add = [&](MetricType type, const char* name, const char* help, double value) {
    families.push_back(FamilyBuilder(type, name, help).Value(value).Take());
  };
  add(MetricType::Counter, "process_cpu_seconds_total", "User and system CPU time.",
      (stat.user_ticks + stat.system_ticks) / tick);
  add(MetricType::Gauge, "process_resident_memory_bytes", "Resident memory.", stat.resident_pages * page);
  add(MetricType::Gauge, "process_virtual_memory_bytes", "Virtual memory.", stat.virtual_bytes);
  add(MetricType::Gauge, "process_threads", "Threads.", stat.threads);
  add(MetricType::Gauge, "process_open_fds", "Open file descriptors.", OpenFiles());
  add(MetricType::Gauge, "process_start_time_seconds", "Start of the process since the epoch.",
      BootTime() + stat.start_ticks / tick);
  return families;
}

}  // namespace quern::service

#include "clients/cli/usage_by_document.h"

namespace quern::cli {

DocumentUsage& DocumentUsage::operator+=(const DocumentUsage& other) {
  calls += other.calls;
  tokens += other.tokens;
  cost += other.cost;
  busy += other.busy;
  reused += other.reused;
  reused_tokens += other.reused_tokens;
  reused_cost += other.reused_cost;
  return *this;
}

void UsageByDocument::Observe(const llm::CallReport& report) {
  DocumentUsage usage;
  usage.calls = report.answered ? 1 : 0;
  usage.tokens = report.usage;
  usage.cost = report.cost;
  usage.busy = report.duration;
  absl::MutexLock lock(&mutex_);
  usages_[std::string(report.document)][{std::string(report.stage), std::string(report.model)}] += usage;
}

void UsageByDocument::ObserveReuse(const llm::ReuseReport& report) {
  DocumentUsage usage;
  usage.reused = 1;
  usage.reused_tokens = report.usage;
  usage.reused_cost = report.cost;
  absl::MutexLock lock(&mutex_);
  usages_[std::string(report.document)][{std::string(report.stage), std::string(report.model)}] += usage;
}

std::map<std::string, UsageByDocument::Usages> UsageByDocument::usages() const {
  absl::MutexLock lock(&mutex_);
  return usages_;
}

UsageByDocument::Usages SumOf(const std::map<std::string, UsageByDocument::Usages>& usages) {
  UsageByDocument::Usages sum;
  for (const auto& [document, by_stage] : usages) {
    for (const auto& [asked, usage] : by_stage) sum[asked] += usage;
  }
  return sum;
}

}  // namespace quern::cli

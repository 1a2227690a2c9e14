#include "common/service/job_counters.h"

#include <utility>

#include "common/service/stage_metrics.h"

namespace quern::service {

void JobCounters::Look(const std::vector<v1::Job>& jobs) {
  std::map<std::pair<std::string, int64_t>, Counts> seen;
  // The outcomes are there from the beginning: a rate needs a zero to start from.
  for (const auto& [key, count] : CountsOf({})) totals_[key] += 0;
  for (const v1::Job& job : jobs) {
    const std::pair id(job.name(), job.created_at().seconds() * 1'000'000'000 + job.created_at().nanos());
    Counts counts = CountsOf(job.counts());
    const auto before = seen_.find(id);
    for (const auto& [key, count] : counts) {
      uint64_t known = looked_ ? 0 : count;
      if (before != seen_.end()) {
        const auto at = before->second.find(key);
        known = at == before->second.end() ? 0 : at->second;
      }
      totals_[key] += count > known ? static_cast<double>(count - known) : 0;
    }
    seen.emplace(id, std::move(counts));
  }
  seen_ = std::move(seen);
  looked_ = true;
}

JobCounters::Counts JobCounters::CountsOf(const v1::JobCounts& counts) {
  const v1::DocumentCounts& documents = counts.documents();
  const v1::ItemCounts& items = counts.items();
  Counts all = {
      {{"documents_accepted", "", ""}, documents.accepted()},
      {{"documents_finished", "expanded", ""}, documents.expanded()},
      {{"documents_finished", "rejected", ""}, documents.rejected()},
      {{"documents_finished", "dead", ""}, documents.dead()},
      {{"documents_finished", "cancelled", ""}, documents.cancelled()},
      {{"items_created", "", ""}, items.created()},
      {{"items_finished", "record", ""}, items.records()},
      {{"items_finished", "rejected", ""}, items.rejected()},
      {{"items_finished", "dead", ""}, items.dead()},
      {{"items_finished", "cancelled", ""}, items.cancelled()},
  };
  for (const v1::ReasonCount& dead : counts.dead_letters()) {
    all[{"dead_letters", std::string(StageLabel(dead.stage())), dead.reason()}] += dead.count();
  }
  for (const v1::ReasonCount& rejected : counts.rejections()) {
    all[{"rejections", std::string(StageLabel(rejected.stage())), rejected.reason()}] += rejected.count();
  }
  for (const v1::DomainCount& domain : counts.domains())
    all[{"domain_records", domain.domain(), ""}] += domain.records();
  return all;
}

}  // namespace quern::service

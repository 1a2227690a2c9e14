#include "common/service/counter_set.h"

#include <prometheus/registry.h>

namespace quern::service {

CounterSet::CounterSet(Metrics* metrics, const char* name, const char* help, const char* label)
    : family_(prometheus::BuildCounter().Name(name).Help(help).Register(metrics->registry())), label_(label) {}

void CounterSet::Add(std::string_view stage, std::string_view model, double by, std::string_view value) {
  // Its memory serves every call.
  thread_local std::string key;
  key.clear();
  for (const std::string_view part : {stage, model, value}) {
    key.append(part);
    key.push_back('\0');
  }
  prometheus::Counter* counter;
  {
    absl::MutexLock lock(&mutex_);
    prometheus::Counter*& known = found_[key];
    if (known == nullptr) {
      prometheus::Labels labels = {{"stage", std::string(stage)}, {"model", std::string(model)}};
      if (!label_.empty()) labels.emplace(label_, std::string(value));
      known = &family_.Add(labels);
    }
    counter = known;
  }
  counter->Increment(by);
}

}  // namespace quern::service

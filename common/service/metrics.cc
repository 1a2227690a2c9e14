#include "common/service/metrics.h"

#include <prometheus/exposer.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <exception>
#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "common/base/error.h"
#include "common/base/version.h"
#include "common/service/process_metrics.h"

namespace quern::service {
namespace {

// The registry and what was added, as one: families of the same name come out once, in the order of their names.
class Everything : public prometheus::Collectable {
 public:
  std::vector<prometheus::MetricFamily> Collect() const override {
    std::map<std::string, prometheus::MetricFamily> by_name;
    absl::MutexLock lock(&mutex_);
    Merge(registry.Collect(), &by_name);
    for (const auto& part : parts_) Merge(part->Collect(), &by_name);
    std::vector<prometheus::MetricFamily> families;
    for (auto& [name, family] : by_name) families.push_back(std::move(family));
    return families;
  }

  void Add(std::shared_ptr<prometheus::Collectable> part) {
    absl::MutexLock lock(&mutex_);
    parts_.push_back(std::move(part));
  }

  prometheus::Registry registry;

 private:
  static void Merge(std::vector<prometheus::MetricFamily> families,
                    std::map<std::string, prometheus::MetricFamily>* by_name) {
    for (prometheus::MetricFamily& family : families) {
      const std::string name = family.name;
      const auto [place, added] = by_name->try_emplace(name, std::move(family));
      if (added) continue;
      for (prometheus::ClientMetric& metric : family.metric) place->second.metric.push_back(std::move(metric));
    }
  }

  mutable absl::Mutex mutex_;
  std::vector<std::shared_ptr<prometheus::Collectable>> parts_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

struct Metrics::Parts {
  std::shared_ptr<Everything> everything = std::make_shared<Everything>();
  std::unique_ptr<prometheus::Exposer> exposer;
};

Metrics::Metrics(const std::string& process) : parts_(std::make_unique<Parts>()) {
  prometheus::BuildGauge()
      .Name("quern_build_info")
      .Help("Always 1; the labels tell what runs.")
      .Register(registry())
      .Add({{"process", process}, {"version", std::string(Version())}})
      .Set(1);
  Add(std::make_shared<ProcessMetrics>());
}

Metrics::~Metrics() = default;

absl::Status Metrics::Expose(const std::string& address) {
  if (address == "off") return absl::OkStatus();
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos) {
    return MakeError(absl::StatusCode::kInvalidArgument, "INVALID_ADDRESS",
                     absl::StrFormat("metrics: \"%s\" is no host:port", address));
  }
  try {
    parts_->exposer = std::make_unique<prometheus::Exposer>(address, 1);
  } catch (const std::exception&) {
    return MakeError(
        absl::StatusCode::kUnavailable, "ADDRESS_IN_USE",
        absl::StrFormat("cannot serve metrics at %s: another process listens there, or it is no address of "
                        "this machine; choose another one, or \"off\", with --metrics or listen.metrics",
                        address));
  }
  parts_->exposer->RegisterCollectable(parts_->everything);
  address_ = absl::StrCat(address.substr(0, colon), ":", parts_->exposer->GetListeningPorts().front());
  return absl::OkStatus();
}

prometheus::Registry& Metrics::registry() { return parts_->everything->registry; }

void Metrics::Add(std::shared_ptr<prometheus::Collectable> collectable) {
  parts_->everything->Add(std::move(collectable));
}

std::string Metrics::Text() const { return prometheus::TextSerializer().Serialize(parts_->everything->Collect()); }

}  // namespace quern::service

#include "clients/cli/estimation.h"

#include <array>
#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "clients/cli/units.h"

namespace quern::cli {
namespace {

using Asked = UsageByDocument::Asked;

constexpr std::array kStages = {"filter", "persona", "generator", "verifier"};

// Seconds that one answer takes.
class Latencies {
 public:
  explicit Latencies(const UsageByDocument::Usages& all) {
    for (const auto& [asked, usage] : all) {
      busy_[asked] += absl::ToDoubleSeconds(usage.busy);
      calls_[asked] += usage.calls;
    }
  }

  // Of a stage's question to a model; where none was measured, of any stage's question to it.
  std::optional<double> Of(const Asked& asked) const {
    if (const auto at = calls_.find(asked); at != calls_.end() && at->second > 0) return busy_.at(asked) / at->second;
    double busy = 0;
    double calls = 0;
    for (const auto& [other, count] : calls_) {
      if (other.model != asked.model) continue;
      busy += busy_.at(other);
      calls += count;
    }
    if (calls == 0) return std::nullopt;
    return busy / calls;
  }

 private:
  std::map<Asked, double> busy_;
  std::map<Asked, double> calls_;
};

class Estimator {
 public:
  Estimator(const v1::JobSpec& spec, const SampleOutcome& sample)
      : spec_(spec), sample_(sample), all_(SumOf(sample.usages)), latencies_(all_) {}

  Estimation Make() const {
    Estimation estimation;
    for (const char* stage : kStages) {
      const auto of_stage = [stage](const Asked& asked, const DocumentUsage& usage) {
        return asked.stage == stage ? Calls(usage) : 0;
      };
      estimation.calls.emplace_back(stage, Total(of_stage));
    }
    estimation.all_calls = Total([](const Asked&, const DocumentUsage& usage) { return Calls(usage); });
    estimation.input_tokens = Total([](const Asked&, const DocumentUsage& usage) {
      return static_cast<double>(usage.tokens.input + usage.reused_tokens.input);
    });
    estimation.cached_tokens = Total([](const Asked&, const DocumentUsage& usage) {
      return static_cast<double>(usage.tokens.cached + usage.reused_tokens.cached);
    });
    estimation.output_tokens = Total([](const Asked&, const DocumentUsage& usage) {
      return static_cast<double>(usage.tokens.output + usage.reused_tokens.output);
    });
    estimation.cost = Total([](const Asked&, const DocumentUsage& usage) { return usage.cost + usage.reused_cost; });
    std::vector<double> records;
    for (const std::string& document : sample_.documents) {
      const auto at = sample_.records.find(document);
      records.push_back(at == sample_.records.end() ? 0 : static_cast<double>(at->second));
    }
    estimation.records = EstimateTotal(sample_.frame, records);
    estimation.time = Time();
    for (const v1::ModelSpec& model : spec_.models()) {
      if (WasAsked(model.name()) && !model.has_price()) estimation.prices_missing = true;
    }
    return estimation;
  }

 private:
  using Part = std::function<double(const Asked&, const DocumentUsage&)>;

  static double Calls(const DocumentUsage& usage) { return static_cast<double>(usage.calls + usage.reused); }

  static double Tokens(const DocumentUsage& usage) {
    return static_cast<double>(usage.tokens.input + usage.tokens.output + usage.reused_tokens.input +
                               usage.reused_tokens.output);
  }

  // The corpus' total of what `part` takes of each document's usages.
  Interval Total(const Part& part) const {
    std::vector<double> parts;
    for (const std::string& document : sample_.documents) {
      double sum = 0;
      if (const auto at = sample_.usages.find(document); at != sample_.usages.end()) {
        for (const auto& [asked, usage] : at->second) sum += part(asked, usage);
      }
      parts.push_back(sum);
    }
    return EstimateTotal(sample_.frame, parts);
  }

  bool WasAsked(const std::string& model) const {
    for (const auto& [asked, usage] : all_) {
      if (asked.model == model) return true;
    }
    return false;
  }

  // Seconds in which a model does its part, at `rate` of what `part` counts per second.
  static Interval Seconds(Interval total, double rate) {
    return {total.value / rate, total.low / rate, total.high / rate};
  }

  // What holds one model back most.
  std::optional<TimeEstimate> TimeOf(const v1::ModelSpec& model) const {
    bool unknown = false;
    const auto of_model = [&model](const Part& part) {
      return [&model, part](const Asked& asked, const DocumentUsage& usage) {
        return asked.model == model.name() ? part(asked, usage) : 0;
      };
    };
    const Part busy = [&](const Asked& asked, const DocumentUsage& usage) {
      const std::optional<double> latency = usage.reused > 0 ? latencies_.Of(asked) : 0;
      unknown |= !latency.has_value();
      return absl::ToDoubleSeconds(usage.busy) + static_cast<double>(usage.reused) * latency.value_or(0);
    };
    const double places = static_cast<double>(model.max_concurrency()) * model.base_urls_size();
    const Interval total_busy = Total(of_model(busy));
    if (unknown) return std::nullopt;
    const Interval calls = Total(of_model([](const Asked&, const DocumentUsage& usage) { return Calls(usage); }));
    TimeEstimate slowest;
    slowest.seconds = Seconds(total_busy, places);
    slowest.limit = absl::StrFormat("%s answers %s at once, each in %.2g s", model.name(),
                                    Counted(static_cast<uint64_t>(places), "call"),
                                    calls.value > 0 ? total_busy.value / calls.value : 0);
    const auto slower = [&slowest](const Interval& seconds, std::string limit) {
      if (seconds.value > slowest.seconds.value) slowest = {seconds, std::move(limit)};
    };
    constexpr double kSecondsAMinute = 60;
    if (model.requests_per_minute() > 0) {
      slower(Seconds(calls, model.requests_per_minute() / kSecondsAMinute),
             absl::StrCat(model.name(), " takes ", Counted(model.requests_per_minute(), "request"), " a minute"));
    }
    if (model.tokens_per_minute() > 0) {
      const Interval tokens = Total(of_model([](const Asked&, const DocumentUsage& usage) { return Tokens(usage); }));
      slower(Seconds(tokens, static_cast<double>(model.tokens_per_minute()) / kSecondsAMinute),
             absl::StrCat(model.name(), " takes ", Counted(model.tokens_per_minute(), "token"), " a minute"));
    }
    return slowest;
  }

  // One document's way: the stages ask one after the other.
  double SecondsOfOneWay() const {
    double way = 0;
    for (const char* stage : kStages) {
      double busy = 0;
      double calls = 0;
      for (const auto& [asked, usage] : all_) {
        if (asked.stage != stage) continue;
        busy += Calls(usage) * latencies_.Of(asked).value_or(0);
        calls += Calls(usage);
      }
      if (calls > 0) way += busy / calls;
    }
    return way;
  }

  std::optional<TimeEstimate> Time() const {
    std::optional<TimeEstimate> slowest;
    for (const v1::ModelSpec& model : spec_.models()) {
      if (!WasAsked(model.name())) continue;
      // A batch's answer comes when its server finds time.
      if (model.has_batch()) return std::nullopt;
      std::optional<TimeEstimate> time = TimeOf(model);
      if (!time) return std::nullopt;
      if (!slowest || time->seconds.value > slowest->seconds.value) slowest = std::move(time);
    }
    if (!slowest) return std::nullopt;
    const double way = SecondsOfOneWay();
    slowest->seconds.value += way;
    slowest->seconds.low += way;
    slowest->seconds.high += way;
    return slowest;
  }

  const v1::JobSpec& spec_;
  const SampleOutcome& sample_;
  const UsageByDocument::Usages all_;
  const Latencies latencies_;
};

}  // namespace

Estimation EstimateJob(const v1::JobSpec& spec, const SampleOutcome& sample) { return Estimator(spec, sample).Make(); }

}  // namespace quern::cli

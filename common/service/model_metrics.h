#pragma once

#include <memory>

#include "common/llm/call_observer.h"
#include "common/llm/hub.h"
#include "common/service/metrics.h"

namespace quern::service {

// What calls to models export: llm_requests_total, llm_request_duration_seconds, llm_tokens_total,
// llm_cost_dollars_total, llm_ambiguous_calls_total, llm_retries_total, llm_finish_total, llm_reused_replies_total, of
// each endpoint llm_concurrency_limit, llm_concurrency_in_use and llm_breaker_open, and where replies are cached
// llm_reply_cache_lost_total. Thread-safe.
class ModelMetrics : public llm::CallObserver {
 public:
  // `metrics` outlives it.
  explicit ModelMetrics(Metrics* metrics);
  ~ModelMetrics() override;

  void Observe(const llm::CallReport& report) override;
  void ObserveReuse(const llm::ReuseReport& report) override;

  // Reads the endpoints at every scrape, until ForgetHub.
  void WatchHub(const llm::Hub* hub);
  void ForgetHub();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace quern::service

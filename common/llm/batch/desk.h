#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "common/llm/batch/gatherer.h"
#include "common/llm/batch/link.h"
#include "common/llm/batch/store.h"
#include "common/llm/batches.h"

namespace quern::batch {

// All batches of a process: one gatherer for each job and endpoint, on a thread of its own that also talks to the
// store. Thread-safe.
class Desk : public llm::Batches {
 public:
  explicit Desk(std::unique_ptr<Store> store);
  // Stops. Waits up to a quarter of a minute for batches that are being created, so that they need not be looked for.
  ~Desk() override;
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;

  boost::asio::awaitable<llm::BatchReply> Ask(llm::BatchCall call) override;
  void Stop() override;
  llm::BatchCounts counts() const override;

 private:
  void Take(llm::BatchCall call, Caller caller);
  // Ticks until nothing is left to do.
  boost::asio::awaitable<void> Work();
  boost::asio::awaitable<void> Close();

  boost::asio::io_context loop_{1};
  // Holds the loop until Close.
  std::unique_ptr<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> work_;
  const std::unique_ptr<Store> store_;
  Link link_{loop_.get_executor()};
  // On the loop's thread.
  absl::flat_hash_map<std::string, std::unique_ptr<Gatherer>> gatherers_;
  bool working_ = false;
  mutable absl::Mutex mutex_;
  llm::BatchCounts counts_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace quern::batch

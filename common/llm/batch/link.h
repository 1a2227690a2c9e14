#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <utility>

#include "common/llm/http_client.h"
#include "common/llm/sleeper.h"

namespace quern::batch {

// What the coroutines of a desk share, all on its one thread: the way to providers, until it is taken down.
// Thread-compatible; Stop and stopped may be called from any thread.
class Link {
 public:
  explicit Link(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

  const boost::asio::any_io_executor& executor() const { return executor_; }

  // A reply that was not sent once Close was called.
  boost::asio::awaitable<llm::HttpReply> Send(llm::HttpRequest request);
  // Ends what is in flight.
  void Close();

  // Waits end early, and nothing new is begun.
  void Stop() { sleeper_.Stop(); }
  bool stopped() const { return sleeper_.stopped(); }
  const llm::Sleeper& sleeper() const { return sleeper_; }

  // Batches whose creation was asked for and is not stored yet: worth waiting for.
  int creating = 0;

 private:
  const boost::asio::any_io_executor executor_;
  llm::Sleeper sleeper_;
  bool closed_ = false;
  // Made for the first request.
  std::unique_ptr<llm::HttpClient> http_;
};

}  // namespace quern::batch

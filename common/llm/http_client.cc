#include "common/llm/http_client.h"

#include <curl/curl.h>
#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <variant>

#include "common/llm/curl_shard.h"
#include "common/llm/lookup_gate.h"
#include "common/llm/plain_call.h"
#include "common/llm/plain_http.h"

namespace quern::llm {
namespace {

constexpr auto kRest = std::chrono::milliseconds(1);

// A completion handler of Asio's, with the executor that it belongs to.
template <typename Handler>
class HandlerWaiter : public ReplyWaiter {
 public:
  explicit HandlerWaiter(Handler handler)
      : work_(boost::asio::make_work_guard(boost::asio::get_associated_executor(handler))),
        handler_(std::move(handler)) {}

  void Complete(HttpReply reply) override {
    // The work guard lives until the post has counted as work itself.
    boost::asio::post(work_.get_executor(), [handler = std::move(handler_), reply = std::move(reply)]() mutable {
      std::move(handler)(std::move(reply));
    });
  }

 private:
  boost::asio::executor_work_guard<boost::asio::associated_executor_t<Handler>> work_;
  Handler handler_;
};

// libcurl heeds the environment's proxies; which of them counts for a URL is its own business.
bool HasEnvironmentProxy() {
  for (const char* name : {"http_proxy", "all_proxy", "ALL_PROXY"}) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') return true;
  }
  return false;
}

// Signals are for threads that expect them; the threads in which libcurl looks up names inherit this.
void BlockSignals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace

std::string_view HttpReply::Header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return "";
}

class HttpClient::Impl {
 public:
  explicit Impl(Options options) : options_(std::move(options)) {
    static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (initialised != CURLE_OK) throw std::runtime_error("libcurl cannot start");
    for (size_t i = 0; i < std::max<size_t>(options_.shards, 1); ++i) {
      shards_.push_back(std::make_unique<CurlShard>(loop_, lookups_, options_.user_agent));
    }
    thread_ = std::thread([this] {
      BlockSignals();
      // Its events are handled many at a time: to wake a thread for each costs more than they do.
      while (loop_.run_one() > 0) {
        loop_.poll();
        std::this_thread::sleep_for(kRest);
      }
    });
  }

  ~Impl() {
    loop_.stop();
    thread_.join();
    // From here on this thread alone uses what the loop's used.
    plain_.reset();
    shards_.clear();
    for (Submitted& call : submitted_) {
      if (auto* plain = std::get_if<std::shared_ptr<PlainCall>>(&call)) {
        (*plain)->Fail(HttpReply::Outcome::kNotSent, {.code = CURLE_ABORTED_BY_CALLBACK});
      } else {
        std::get<std::unique_ptr<CurlTransfer>>(call)->Fail(CURLE_ABORTED_BY_CALLBACK);
      }
    }
  }

  // From any thread.
  void Submit(HttpRequest request, std::unique_ptr<ReplyWaiter> waiter) {
    Submitted call;
    if (!has_environment_proxy_ && PlainCall::CanMake(request)) {
      call = std::make_shared<PlainCall>(std::move(request), std::move(waiter));
    } else {
      call = std::make_unique<CurlTransfer>(std::move(request), std::move(waiter));
    }
    bool first;
    {
      const std::lock_guard lock(mutex_);
      first = submitted_.empty();
      submitted_.push_back(std::move(call));
    }
    // The others come along with the first.
    if (first) boost::asio::post(loop_, [this] { StartSubmitted(); });
  }

 private:
  using Submitted = std::variant<std::shared_ptr<PlainCall>, std::unique_ptr<CurlTransfer>>;

  void StartSubmitted() {
    std::vector<Submitted> batch;
    {
      const std::lock_guard lock(mutex_);
      batch.swap(submitted_);
    }
    for (Submitted& call : batch) {
      if (auto* plain = std::get_if<std::shared_ptr<PlainCall>>(&call)) {
        plain_->Start(std::move(*plain));
      } else {
        Start(std::get<std::unique_ptr<CurlTransfer>>(std::move(call)));
      }
    }
  }

  void Start(std::unique_ptr<CurlTransfer> transfer) {
    const auto has_room = [&](const auto& shard) { return shard->in_flight() < options_.shard_calls; };
    const auto less_busy = [](const auto& a, const auto& b) { return a->in_flight() < b->in_flight(); };
    auto shard = std::find_if(shards_.begin(), shards_.end(), has_room);
    if (shard == shards_.end()) shard = std::min_element(shards_.begin(), shards_.end(), less_busy);
    (*shard)->Start(std::move(transfer));
  }

  const Options options_;
  const bool has_environment_proxy_ = HasEnvironmentProxy();
  // Ended by stop() alone.
  boost::asio::io_context loop_{1};
  const boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{loop_.get_executor()};
  LookupGate lookups_{loop_, [this](std::unique_ptr<CurlTransfer> transfer) { Start(std::move(transfer)); }};
  std::unique_ptr<PlainHttp> plain_ = std::make_unique<PlainHttp>(loop_, options_.user_agent);
  std::vector<std::unique_ptr<CurlShard>> shards_;
  std::mutex mutex_;
  // Guarded by mutex_: calls that the loop's thread hasn't taken yet.
  std::vector<Submitted> submitted_;
  std::thread thread_;
};

HttpClient::HttpClient() : HttpClient(Options()) {}
HttpClient::HttpClient(Options options) : impl_(std::make_unique<Impl>(std::move(options))) {}
HttpClient::~HttpClient() = default;

boost::asio::awaitable<HttpReply> HttpClient::Send(HttpRequest request) {
  auto start = [impl = impl_.get()](auto handler, HttpRequest wanted) {
    auto waiter = std::make_unique<HandlerWaiter<decltype(handler)>>(std::move(handler));
    impl->Submit(std::move(wanted), std::move(waiter));
  };
  return boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void(HttpReply)>(
      start, boost::asio::use_awaitable, std::move(request));
}

}  // namespace quern::llm

#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "quern/v1/job.pb.h"
#include "tests/support/http_server.h"

namespace quern::testing {

// The body of a whole reply to a chat completion, of 10 prompt tokens and 5 others.
std::string CompletionBody(std::string_view content, std::string_view finish_reason = "stop");
// An error as OpenAI words it.
HttpServer::Response ErrorResponse(int status, std::string_view message);

// A job with the one model "m", which the server calls "qwen", as ResolveJobSpec leaves it: no key, two retries, 100
// tokens a reply, temperature 0.
v1::JobSpec JobAsking(const std::vector<std::string>& base_urls);

// A model's server whose replies a test gives as texts. Thread-safe.
class ScriptedModel {
 public:
  // Is told the whole prompt (or, asked again, the correction), and says the content of the reply. On the server's
  // thread.
  using Reply = std::function<std::string(const std::string& prompt)>;
  explicit ScriptedModel(Reply reply);

  std::string base_url() const { return server_.url() + "/v1"; }
  // The bodies of all requests so far.
  std::vector<std::string> bodies() const;
  // The first user's message of each.
  std::vector<std::string> prompts() const;

 private:
  const Reply reply_;
  mutable absl::Mutex mutex_;
  std::vector<std::string> bodies_;
  HttpServer server_;
};

// Runs all coroutines at once on a loop of this thread; their values in the same order. Ends the program when one
// throws.
template <typename T>
std::vector<T> RunAll(std::vector<boost::asio::awaitable<T>> work) {
  boost::asio::io_context loop(1);
  std::vector<std::optional<T>> values(work.size());
  for (size_t i = 0; i < work.size(); ++i) {
    boost::asio::co_spawn(loop, std::move(work[i]), [&values, i](std::exception_ptr error, T value) {
      if (error) std::rethrow_exception(error);
      values[i] = std::move(value);
    });
  }
  loop.run();
  std::vector<T> all;
  for (std::optional<T>& value : values) all.push_back(std::move(value).value());
  return all;
}

template <typename T>
T RunOne(boost::asio::awaitable<T> work) {
  std::vector<boost::asio::awaitable<T>> all;
  all.push_back(std::move(work));
  return std::move(RunAll(std::move(all)).front());
}

}  // namespace quern::testing

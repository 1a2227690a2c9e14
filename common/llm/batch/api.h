#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/llm/batch/link.h"
#include "common/llm/model.h"

namespace quern::batch {

// A batch as its provider tells of it. Texts as they came; empty where it is silent.
struct BatchStatus {
  // validating, in_progress, finalizing, completed, failed, expired, cancelling, cancelled.
  std::string status;
  std::string output_file;
  std::string error_file;
  // Of a batch that failed: its first error.
  std::string error_code;
  std::string error_message;
  // Its calls, and those that were answered or have failed; 0 where the provider doesn't say.
  uint64_t total = 0;
  uint64_t done = 0;

  // Nothing more will change.
  bool ended() const;
};

// How long the provider asks to wait, a quarter of an hour at most; zero where it doesn't say. Of an error of Api's.
absl::Duration RetryAfterOf(const absl::Status& trouble);

// One provider's batch API, as OpenAI has it. Errors: UNAVAILABLE, try again later (it can't be reached, is overloaded,
// failed, the reply was lost or is no JSON); NOT_FOUND, it has no such batch or file; FAILED_PRECONDITION, with a
// reason, for a person. Thread-compatible; everything runs on the link's thread.
class Api {
 public:
  // `link` outlives it. `base_url` is what stands before "/batches".
  Api(Link* link, std::shared_ptr<llm::Model> model, std::string base_url);

  // Uploads the lines of a batch; the file's id.
  boost::asio::awaitable<absl::StatusOr<std::string>> Upload(std::string token, std::string lines);
  // Makes a batch of the file; its id. After UNAVAILABLE it may exist all the same.
  boost::asio::awaitable<absl::StatusOr<std::string>> Create(std::string token, std::string file);
  // The id of the batch that was created with `token`, "" where there is none among the newest.
  boost::asio::awaitable<absl::StatusOr<std::string>> FindByToken(std::string token);
  boost::asio::awaitable<absl::StatusOr<BatchStatus>> Look(std::string id);
  boost::asio::awaitable<absl::StatusOr<std::string>> Download(std::string file);
  boost::asio::awaitable<absl::Status> Cancel(std::string id);

 private:
  enum class Length { kShort, kLong };

  llm::HttpRequest Request(std::string method, const std::string& path, Length length) const;
  // The body of a 2xx.
  boost::asio::awaitable<absl::StatusOr<std::string>> Send(llm::HttpRequest request);
  // The id in the JSON of a 2xx.
  boost::asio::awaitable<absl::StatusOr<std::string>> SendForId(llm::HttpRequest request);

  Link* const link_;
  const std::shared_ptr<llm::Model> model_;
  const std::string base_url_;
};

}  // namespace quern::batch

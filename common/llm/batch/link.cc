#include "common/llm/batch/link.h"

namespace quern::batch {

boost::asio::awaitable<llm::HttpReply> Link::Send(llm::HttpRequest request) {
  if (closed_) co_return llm::HttpReply();
  if (http_ == nullptr) {
    llm::HttpClient::Options options;
    options.shards = 1;
    http_ = std::make_unique<llm::HttpClient>(std::move(options));
  }
  co_return co_await http_->Send(std::move(request));
}

void Link::Close() {
  closed_ = true;
  http_.reset();
}

}  // namespace quern::batch

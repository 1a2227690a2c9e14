#include "common/llm/curl_shard.h"

#include <boost/asio/post.hpp>
#include <chrono>
#include <new>
#include <utility>

namespace quern::llm {
namespace {

// More than a shard has in flight when ten thousand calls are spread, so that none closes a connection that it could
// keep.
constexpr long kKeptConnections = 600;

template <typename Handle>
Handle* OrThrow(Handle* handle) {
  if (handle == nullptr) throw std::bad_alloc();
  return handle;
}

}  // namespace

CurlShard::CurlShard(boost::asio::io_context& loop, LookupGate& lookups, const std::string& user_agent)
    : loop_(loop),
      lookups_(lookups),
      user_agent_(user_agent),
      on_ready_([this](curl_socket_t socket, int ready) { Act(socket, ready); }),
      sockets_(loop, on_ready_),
      multi_(OrThrow(curl_multi_init())),
      timer_(loop) {
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &CurlShard::OnSocket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &CurlShard::OnTimer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, kKeptConnections);
  curl_multi_setopt(multi_, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
}

CurlShard::~CurlShard() {
  while (!transfers_.empty()) Finish(transfers_.begin()->first, CURLE_ABORTED_BY_CALLBACK);
  for (CURL* easy : spare_) curl_easy_cleanup(easy);
  // Closes the connections, through sockets_.
  curl_multi_cleanup(multi_);
}

CURL* CurlShard::TakeHandle() {
  if (spare_.empty()) {
    CURL* fresh = OrThrow(curl_easy_init());
    // Survives each reset.
    curl_easy_setopt(fresh, CURLOPT_SHARE, lookups_.cache());
    return fresh;
  }
  CURL* easy = spare_.back();
  spare_.pop_back();
  return easy;
}

void CurlShard::Start(std::unique_ptr<CurlTransfer> transfer) {
  CURL* easy = TakeHandle();
  transfer->Prepare(easy, user_agent_, lookups_, sockets_);
  transfers_.emplace(easy, std::move(transfer));
  // Has libcurl ask for its timer, whose end does the rest.
  if (curl_multi_add_handle(multi_, easy) != CURLM_OK) Finish(easy, CURLE_OUT_OF_MEMORY);
}

void CurlShard::Finish(CURL* easy, CURLcode code) {
  const auto found = transfers_.find(easy);
  std::unique_ptr<CurlTransfer> transfer = std::move(found->second);
  transfers_.erase(found);
  curl_multi_remove_handle(multi_, easy);
  const bool must_wait = transfer->must_wait();
  if (!must_wait) transfer->Finish(code);
  // Keeps the handle's TLS sessions, and drops every pointer into the transfer.
  curl_easy_reset(easy);
  spare_.push_back(easy);
  if (must_wait) lookups_.Wait(std::move(transfer));
}

void CurlShard::Act(curl_socket_t socket, int ready) {
  int running = 0;
  curl_multi_socket_action(multi_, socket, ready, &running);
  int more = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &more)) {
    if (message->msg == CURLMSG_DONE) Finish(message->easy_handle, message->data.result);
  }
}

int CurlShard::OnSocket(CURL*, curl_socket_t socket, int wanted, void* self, void*) {
  static_cast<CurlShard*>(self)->sockets_.Watch(socket, wanted);
  return 0;
}

int CurlShard::OnTimer(CURLM*, long wait_ms, void* self) {
  static_cast<CurlShard*>(self)->SetTimer(wait_ms);
  return 0;
}

void CurlShard::SetTimer(long wait_ms) {
  if (wait_ms <= 0) timer_.cancel();
  if (wait_ms < 0) return;
  if (wait_ms == 0) {
    // What libcurl asks for after each new transfer: one turn serves a batch of them, and costs no system call.
    if (std::exchange(due_, true)) return;
    boost::asio::post(loop_, [this] {
      due_ = false;
      Act(CURL_SOCKET_TIMEOUT, 0);
    });
    return;
  }
  timer_.expires_after(std::chrono::milliseconds(wait_ms));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) Act(CURL_SOCKET_TIMEOUT, 0);
  });
}

}  // namespace quern::llm

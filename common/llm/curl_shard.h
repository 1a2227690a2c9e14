#pragma once

#include <curl/curl.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "common/llm/curl_sockets.h"
#include "common/llm/curl_transfer.h"
#include "common/llm/lookup_gate.h"
#include "common/llm/socket_watch.h"

namespace quern::llm {

// One libcurl multi handle on an Asio loop, with the connections that it keeps. Belongs to the loop's thread.
class CurlShard {
 public:
  // The arguments must outlive it, and the loop must not run any more when it is destroyed.
  CurlShard(boost::asio::io_context& loop, LookupGate& lookups, const std::string& user_agent);
  // Ends what is in flight.
  ~CurlShard();
  CurlShard(const CurlShard&) = delete;
  CurlShard& operator=(const CurlShard&) = delete;

  // Sends the transfer, soon; ends it when it is over.
  void Start(std::unique_ptr<CurlTransfer> transfer);
  size_t in_flight() const { return transfers_.size(); }

 private:
  static int OnSocket(CURL* easy, curl_socket_t socket, int wanted, void* self, void* unused);
  static int OnTimer(CURLM* multi, long wait_ms, void* self);

  void SetTimer(long wait_ms);
  // Tells libcurl what happened, and finishes the transfers that are over.
  void Act(curl_socket_t socket, int ready);
  void Finish(CURL* easy, CURLcode code);
  CURL* TakeHandle();

  boost::asio::io_context& loop_;
  LookupGate& lookups_;
  const std::string& user_agent_;
  const SocketWatch::OnReady on_ready_;
  CurlSockets sockets_;
  CURLM* const multi_;
  boost::asio::steady_timer timer_;
  // A turn without a wait is on its way.
  bool due_ = false;
  absl::flat_hash_map<CURL*, std::unique_ptr<CurlTransfer>> transfers_;
  // Handles without a transfer: making one costs more than resetting it.
  std::vector<CURL*> spare_;
};

}  // namespace quern::llm

#include "common/llm/lookup_gate.h"

#include <boost/asio/post.hpp>
#include <utility>

#include "common/llm/curl_transfer.h"

namespace quern::llm {

LookupGate::LookupGate(boost::asio::io_context& loop, Start start)
    : loop_(loop), start_(std::move(start)), cache_(curl_share_init()) {
  // Needs no lock functions, since one thread uses it.
  curl_share_setopt(cache_, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
}

LookupGate::~LookupGate() {
  for (auto& [server, lookup] : lookups_) {
    for (auto& transfer : lookup.waiting) transfer->Fail(CURLE_ABORTED_BY_CALLBACK);
  }
  curl_share_cleanup(cache_);
}

bool LookupGate::Enter(const CurlTransfer& transfer) {
  Lookup& lookup = lookups_[transfer.server()];
  // One transfer may look up twice, for its proxy and for its server.
  if (lookup.first == nullptr) lookup.first = &transfer;
  return lookup.first == &transfer;
}

void LookupGate::Wait(std::unique_ptr<CurlTransfer> transfer) {
  const auto found = lookups_.find(transfer->server());
  if (found != lookups_.end()) {
    found->second.waiting.push_back(std::move(transfer));
    return;
  }
  std::vector<std::unique_ptr<CurlTransfer>> alone;
  alone.push_back(std::move(transfer));
  StartSoon(std::move(alone));
}

void LookupGate::Leave(const CurlTransfer& transfer, CURLcode code) {
  if (lookups_.empty()) return;
  const auto found = lookups_.find(transfer.server());
  if (found == lookups_.end() || found->second.first != &transfer) return;
  std::vector<std::unique_ptr<CurlTransfer>> waiting = std::move(found->second.waiting);
  lookups_.erase(found);
  if (code == CURLE_OK) {
    StartSoon(std::move(waiting));
  } else {
    for (auto& other : waiting) other->Fail(code);
  }
}

void LookupGate::StartSoon(std::vector<std::unique_ptr<CurlTransfer>> transfers) {
  if (transfers.empty()) return;
  boost::asio::post(loop_, [this, transfers = std::move(transfers)]() mutable {
    for (auto& transfer : transfers) start_(std::move(transfer));
  });
}

}  // namespace quern::llm

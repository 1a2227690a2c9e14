#pragma once

#include <curl/curl.h>

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace quern::llm {

class CurlTransfer;

// Lets one transfer at a time look up the address of a server, and has the others wait for what it finds: libcurl makes
// a thread for each look-up, which for a first burst of calls would be thousands. Owns the cache of addresses that all
// shards share. Belongs to the loop's thread.
class LookupGate {
 public:
  // Called, never from inside a libcurl callback, with each transfer that waited when the address is known.
  using Start = std::function<void(std::unique_ptr<CurlTransfer>)>;

  LookupGate(boost::asio::io_context& loop, Start start);
  // Ends the transfers that wait.
  ~LookupGate();
  LookupGate(const LookupGate&) = delete;
  LookupGate& operator=(const LookupGate&) = delete;

  // For CURLOPT_SHARE.
  CURLSH* cache() const { return cache_; }

  // `transfer` is about to look up its server's address. False: another does that for the same server, so it must end
  // its try and Wait.
  bool Enter(const CurlTransfer& transfer);
  // Starts the transfer, or ends it, when the look-up for its server is over.
  void Wait(std::unique_ptr<CurlTransfer> transfer);
  // If `transfer` had entered: its look-up found an address (CURLE_OK), or it failed.
  void Leave(const CurlTransfer& transfer, CURLcode code);

 private:
  struct Lookup {
    const CurlTransfer* first = nullptr;
    std::vector<std::unique_ptr<CurlTransfer>> waiting;
  };

  void StartSoon(std::vector<std::unique_ptr<CurlTransfer>> transfers);

  boost::asio::io_context& loop_;
  const Start start_;
  CURLSH* const cache_;
  // By CurlTransfer::server().
  absl::flat_hash_map<std::string, Lookup> lookups_;
};

}  // namespace quern::llm

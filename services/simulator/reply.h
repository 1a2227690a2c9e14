#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace quern::simulator {

// How a reply leaves.
enum class Ending {
  kWhole,
  // Nothing, until the client leaves.
  kHang,
  // Nothing; the connection is closed.
  kClose,
  // The first half, then the connection is reset.
  kReset,
};

// A place among the requests that are served at once; given back when it is destroyed.
class Slot {
 public:
  explicit Slot(std::atomic<size_t>& taken) : taken_(&taken) { ++*taken_; }
  ~Slot() { --*taken_; }
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;

 private:
  std::atomic<size_t>* const taken_;
};

// What becomes of one request.
struct Reply {
  Reply() = default;
  Reply(int status_in, std::string body_in) : status(status_in), body(std::move(body_in)) {}

  int status = 200;
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  Ending ending = Ending::kWhole;
  // How long after the request it leaves.
  absl::Duration delay;
  // Held until it has left.
  std::unique_ptr<Slot> slot;
};

}  // namespace quern::simulator

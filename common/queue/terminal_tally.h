#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "common/queue/results.h"

namespace quern::queue {

// The results of one commit, in stream order: what it changes in the lane's counters, and the references that it drops.
struct TerminalTally {
  // Which of commit.lua's keys a counter is in.
  enum Key { kCounts = 5, kReasons = 6, kDomains = 7 };

  void Add(const Result& result);

  size_t results = 0;
  // Stream ids, "" when there is none.
  std::string first_id;
  std::string last_id;
  // (key, field) to increment.
  std::map<std::pair<Key, std::string>, int64_t> counters;
  // References of one document, and what it takes in Redis.
  struct Dropped {
    uint64_t references = 0;
    uint64_t document_bytes = 0;
  };
  // By document id.
  std::map<std::string, Dropped> references;
};

// The field under which rejections ("rejected") and dead letters ("dead") of one kind are counted.
std::string ReasonField(std::string_view kind, v1::StageName stage, std::string_view reason);

}  // namespace quern::queue

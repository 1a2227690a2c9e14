#include "common/llm/document_frames.h"

#include <random>

#include "absl/time/clock.h"
#include "common/base/hash.h"

namespace quern::llm {
namespace {

uint64_t Secret() {
  std::random_device random;
  return uint64_t{random()} << 32 | random();
}

size_t BytesOf(const DocumentFrame& frame) { return frame.text.size() + frame.json.size(); }

}  // namespace

DocumentFrames::DocumentFrames(size_t most_bytes) : most_bytes_(most_bytes), secret_(Secret()) {}

std::shared_ptr<const DocumentFrame> DocumentFrames::Of(const v1::Document& document) {
  const absl::uint128 key = Hash128(document.text(), Hash64(document.title(), secret_));
  {
    absl::MutexLock lock(&mutex_);
    const auto known = by_key_.find(key);
    if (known != by_key_.end()) return Use(known->second);
  }
  auto made = std::make_shared<const DocumentFrame>(document);
  absl::MutexLock lock(&mutex_);
  const auto [at, added] = by_key_.try_emplace(key);
  // Somebody else may have made it in between.
  if (!added) return Use(at->second);
  entries_.push_front({key, made, absl::Now()});
  at->second = entries_.begin();
  bytes_ += BytesOf(*made);
  while (bytes_ > most_bytes_) DropOldest();
  return made;
}

void DocumentFrames::ForgetUnusedSince(absl::Time time) {
  absl::MutexLock lock(&mutex_);
  while (!entries_.empty() && entries_.back().used < time) DropOldest();
}

size_t DocumentFrames::bytes() const {
  absl::MutexLock lock(&mutex_);
  return bytes_;
}

std::shared_ptr<const DocumentFrame> DocumentFrames::Use(Entries::iterator entry) {
  entries_.splice(entries_.begin(), entries_, entry);
  entry->used = absl::Now();
  return entry->frame;
}

void DocumentFrames::DropOldest() {
  const Entry& oldest = entries_.back();
  bytes_ -= BytesOf(*oldest.frame);
  by_key_.erase(oldest.key);
  entries_.pop_back();
}

}  // namespace quern::llm

#include "common/llm/reply_cache.h"

#include <utility>

#include "absl/time/time.h"
#include "common/base/error.h"
#include "common/base/log.h"
#include "common/llm/reply_record.h"

namespace quern::llm {
namespace {

// How long a reply waits to be written, and how much is written at once at the latest.
constexpr absl::Duration kCommitEvery = absl::Milliseconds(100);
constexpr size_t kManyBytes = 4 << 20;
// More than this does not wait: the disk does not keep up.
constexpr size_t kMostBytes = 64 << 20;

}  // namespace

absl::StatusOr<std::unique_ptr<ReplyCache>> ReplyCache::Open(const ReplyCacheOptions& options) {
  QUERN_ASSIGN_OR_RETURN(auto files, ReplyCacheFiles::Open(options.folder, options.max_bytes));
  return std::unique_ptr<ReplyCache>(new ReplyCache(std::move(files)));
}

ReplyCache::ReplyCache(std::unique_ptr<ReplyCacheFiles> files)
    : files_(std::move(files)), writer_([this] { Work(); }) {}

ReplyCache::~ReplyCache() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  writer_.join();
}

std::optional<CachedReply> ReplyCache::Find(const std::string& key) {
  {
    absl::MutexLock lock(&mutex_);
    for (const Batch* batch : {static_cast<const Batch*>(&waiting_), committing_.get()}) {
      if (batch == nullptr) continue;
      const auto at = batch->find(key);
      if (at != batch->end()) return ReadReplyRecord(at->second);
    }
  }
  const absl::StatusOr<std::optional<std::string>> record = files_->Read(key);
  if (!record.ok()) {
    LogWarning("the reply cache could not be read; the model is asked",
               {{"folder", files_->folder()}, {"error", record.status()}});
    return std::nullopt;
  }
  if (!record->has_value()) return std::nullopt;
  std::optional<CachedReply> reply = ReadReplyRecord(**record);
  if (!reply) {
    LogWarning("a cached reply is damaged; the model is asked", {{"folder", files_->folder()}, {"key", key}});
  }
  return reply;
}

void ReplyCache::Store(const std::string& key, const CachedReply& reply) {
  std::string record = ReplyRecord(reply);
  {
    absl::MutexLock lock(&mutex_);
    if (!full_ && waiting_bytes_ + record.size() <= kMostBytes) {
      std::string& waiting = waiting_[key];
      waiting_bytes_ += record.size() - waiting.size();
      waiting = std::move(record);
      return;
    }
    ++lost_;
    // It was told when that began.
    if (full_) return;
  }
  LogWarning("the reply cache's disk does not keep up; replies are not kept", {{"folder", files_->folder()}});
}

uint64_t ReplyCache::lost() const {
  absl::MutexLock lock(&mutex_);
  return lost_;
}

bool ReplyCache::Wanted() const { return stopping_ || !waiting_.empty(); }

bool ReplyCache::Due() const { return stopping_ || waiting_bytes_ >= kManyBytes; }

void ReplyCache::Work() {
  while (true) {
    std::shared_ptr<const Batch> batch;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(this, &ReplyCache::Wanted));
      mutex_.AwaitWithTimeout(absl::Condition(this, &ReplyCache::Due), kCommitEvery);
      if (waiting_.empty()) return;
      batch = std::make_shared<const Batch>(std::exchange(waiting_, {}));
      waiting_bytes_ = 0;
      committing_ = batch;
    }
    const absl::Status written = files_->Write(*batch);
    if (!written.ok()) Lose(*batch, written);
    absl::MutexLock lock(&mutex_);
    committing_ = nullptr;
  }
}

void ReplyCache::Lose(const Batch& batch, const absl::Status& why) {
  const bool full = absl::IsResourceExhausted(why);
  {
    absl::MutexLock lock(&mutex_);
    full_ = full_ || full;
    // Counted as lost, they are no longer found.
    committing_ = nullptr;
    lost_ += batch.size();
  }
  if (full) {
    LogWarning("the reply cache is full; it keeps what it has and takes no more (raise reply_cache.max_bytes)",
               {{"folder", files_->folder()}});
  } else {
    LogWarning("replies could not be written to the reply cache",
               {{"folder", files_->folder()}, {"replies", batch.size()}, {"error", why}});
  }
}

}  // namespace quern::llm

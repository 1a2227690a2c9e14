#pragma once

#include <sys/types.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace quern::cli {

// A redis-server of this process's own: its append-only file in a folder, reachable through a unix socket alone. It
// ends with this process, however that ends (the kernel tells it), and a crash of it is answered by starting it again
// on what its file holds. One at a time per folder, over all processes: the server itself holds a lock there.
// Thread-safe.
class PrivateRedis {
 public:
  // Starts a server on `folder`, creating it where it is missing, and waits until it has read its file and answers.
  // Errors: FAILED_PRECONDITION, reason OUTPUT_UNUSABLE (the folder); UNAVAILABLE, reasons REDIS_MISSING (not
  // installed), REDIS_FAILED (it ended; the message holds the end of its log), REDIS_BUSY (the server of an earlier run
  // still writes to the folder after 30 s); DATA_LOSS, reason LOG_DAMAGED (see RepairAppendOnlyLog: a torn end is
  // mended, other damage is not). CANCELLED when told to stop.
  static absl::StatusOr<std::unique_ptr<PrivateRedis>> Start(const std::string& folder, std::stop_token stop);

  // Lets the server write what it holds and end, which takes up to 30 s.
  ~PrivateRedis();
  PrivateRedis(const PrivateRedis&) = delete;
  PrivateRedis& operator=(const PrivateRedis&) = delete;

  // unix:///…, the same over restarts.
  const std::string& url() const { return url_; }
  // The server's process now; 0 while it is being started again.
  pid_t pid() const { return pid_; }

 private:
  PrivateRedis(std::string folder, std::string program);

  absl::Status CreateSocketFolder();
  void Supervise();
  void EndServer(pid_t pid);
  absl::Status WaitUntilItAnswers(std::stop_token stop);
  absl::Status WhyItEnded() const;

  const std::string folder_;
  const std::string program_;
  std::string socket_folder_;
  std::string url_;

  std::atomic<pid_t> pid_{0};
  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  bool stopping_ = false;
  bool answered_ = false;
  std::optional<absl::Status> failed_;
  // Starts, waits for and restarts the server: the kernel's word to the server comes when the thread that started it
  // ends, so this one lasts as long as the server shall.
  std::thread supervisor_;
};

}  // namespace quern::cli

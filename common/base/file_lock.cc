#include "common/base/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/error.h"

namespace quern {
namespace {

constexpr absl::Duration kPoll = absl::Milliseconds(20);

std::string Holder(int descriptor) {
  std::array<char, 32> text{};
  const ssize_t size = pread(descriptor, text.data(), text.size() - 1, 0);
  const std::string holder(text.data(), size > 0 ? size : 0);
  return holder.substr(0, holder.find('\n'));
}

void WriteHolder(int descriptor) {
  const std::string text = absl::StrCat(getpid(), "\n");
  // Only for people: the lock holds without it.
  if (ftruncate(descriptor, 0) == 0 && pwrite(descriptor, text.data(), text.size(), 0) < 0) return;
}

}  // namespace

absl::StatusOr<FileLock> FileLock::Acquire(const std::string& path, absl::Duration patience) {
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "OUTPUT_UNUSABLE",
                     absl::StrCat("cannot write ", path, ": ", std::strerror(errno)));
  }
  FileLock lock(descriptor);
  const absl::Time deadline = absl::Now() + patience;
  while (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) {
      return MakeError(absl::StatusCode::kFailedPrecondition, "OUTPUT_UNUSABLE",
                       absl::StrCat("cannot lock ", path, ": ", std::strerror(errno)));
    }
    if (absl::Now() >= deadline) {
      return MakeError(absl::StatusCode::kAborted, "LOCKED",
                       absl::StrCat(path, " is held by process ", Holder(descriptor)));
    }
    absl::SleepFor(kPoll);
  }
  WriteHolder(descriptor);
  return lock;
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

}  // namespace quern

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "absl/strings/str_format.h"
#include "common/base/error.h"
#include "common/dataset/corpus.h"
#include "common/dataset/disk.h"

namespace quern::dataset {
namespace {

constexpr size_t kCopyBytes = 256 * 1024;

absl::Status ReadError(int error) {
  return MakeError(absl::StatusCode::kUnavailable, "SPOOL_FAILED",
                   absl::StrFormat("reading standard input: %s", std::strerror(error)));
}

absl::Status Copy(int in, int out, const std::string& path) {
  std::vector<char> buffer(kCopyBytes);
  for (;;) {
    const ssize_t got = ::read(in, buffer.data(), buffer.size());
    if (got == 0) break;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ReadError(errno);
    for (ssize_t done = 0; done < got;) {
      const ssize_t written = ::write(out, buffer.data() + done, static_cast<size_t>(got - done));
      if (written < 0 && errno != EINTR) return DiskError("writing", path, errno);
      if (written > 0) done += written;
    }
  }
  return ::fsync(out) == 0 ? absl::OkStatus() : DiskError("writing", path, errno);
}

}  // namespace

absl::StatusOr<uint64_t> SpoolStandardInput(int in, const std::string& path) {
  struct stat info = {};
  if (::stat(path.c_str(), &info) == 0) return static_cast<uint64_t>(info.st_size);
  // One that is closed on exec was opened by this process after it had begun without: gRPC does so before main.
  const int flags = ::fcntl(in, F_GETFD);
  if (flags < 0 || (flags & FD_CLOEXEC) != 0) {
    return MakeError(absl::StatusCode::kInvalidArgument, "NO_INPUT",
                     "standard input is closed; pipe the documents to it, or name their files");
  }
  const std::string temporary = path + ".tmp";
  const int out = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (out < 0) return DiskError("creating", temporary, errno);
  absl::Status status = Copy(in, out, temporary);
  ::fstat(out, &info);
  ::close(out);
  Disk disk;
  if (status.ok()) status = disk.Rename(temporary, path);
  if (!status.ok()) {
    disk.Remove(temporary).IgnoreError();
    return status;
  }
  const size_t slash = path.rfind('/');
  QUERN_RETURN_IF_ERROR(disk.SyncFolder(slash == std::string::npos ? "." : path.substr(0, slash + 1)));
  return static_cast<uint64_t>(info.st_size);
}

}  // namespace quern::dataset

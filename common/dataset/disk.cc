#include "common/dataset/disk.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "absl/strings/str_format.h"
#include "common/base/error.h"

namespace quern::dataset {
namespace {

// Writes all of `bytes`; 0 or an errno.
int WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) return errno;
    if (written > 0) bytes.remove_prefix(static_cast<size_t>(written));
  }
  return 0;
}

absl::Status AppendFile(const std::string& path, int out, const std::string& to) {
  constexpr size_t kCopyBytes = 256 * 1024;
  const int in = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (in < 0) return DiskError("opening", path, errno);
  std::vector<char> buffer(kCopyBytes);
  absl::Status status;
  while (status.ok()) {
    const ssize_t got = ::read(in, buffer.data(), buffer.size());
    if (got == 0) break;
    if (got < 0) {
      if (errno != EINTR) status = DiskError("reading", path, errno);
    } else if (const int error = WriteAll(out, {buffer.data(), static_cast<size_t>(got)}); error != 0) {
      status = DiskError("writing", to, error);
    }
  }
  ::close(in);
  return status;
}

}  // namespace

absl::Status DiskError(std::string_view doing, const std::string& path, int error) {
  const std::string message = absl::StrFormat("%s %s: %s", doing, path, std::strerror(error));
  if (error == ENOSPC || error == EDQUOT || error == EFBIG) {
    return MakeError(absl::StatusCode::kResourceExhausted, "DISK_FULL", message);
  }
  return MakeError(absl::StatusCode::kUnavailable, "DISK_FAILED", message);
}

absl::Status Disk::WriteFile(const std::string& path, std::string_view bytes) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return DiskError("creating", path, errno);
  int error = WriteAll(fd, bytes);
  if (error == 0 && ::fsync(fd) != 0) error = errno;
  if (::close(fd) != 0 && error == 0) error = errno;
  return error == 0 ? absl::OkStatus() : DiskError("writing", path, error);
}

absl::Status Disk::JoinFiles(const std::vector<std::string>& from, const std::string& to) {
  const int out = ::open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (out < 0) return DiskError("creating", to, errno);
  absl::Status status;
  for (const std::string& path : from) {
    if (status.ok()) status = AppendFile(path, out, to);
  }
  if (status.ok() && ::fsync(out) != 0) status = DiskError("writing", to, errno);
  if (::close(out) != 0 && status.ok()) status = DiskError("writing", to, errno);
  return status;
}

absl::Status Disk::Rename(const std::string& from, const std::string& to) {
  return ::rename(from.c_str(), to.c_str()) == 0 ? absl::OkStatus() : DiskError("renaming to", to, errno);
}

absl::Status Disk::SyncFolder(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return DiskError("opening", path, errno);
  const int error = ::fsync(fd) == 0 ? 0 : errno;
  ::close(fd);
  return error == 0 ? absl::OkStatus() : DiskError("syncing", path, error);
}

absl::Status Disk::Remove(const std::string& path) {
  return ::unlink(path.c_str()) == 0 || errno == ENOENT ? absl::OkStatus() : DiskError("removing", path, errno);
}

absl::Status ReplaceFile(Disk& disk, const std::string& folder, const std::string& name, std::string_view bytes) {
  const std::string path = folder + "/" + name;
  const std::string temporary = path + ".tmp";
  absl::Status status = disk.WriteFile(temporary, bytes);
  if (status.ok()) status = disk.Rename(temporary, path);
  if (!status.ok()) {
    disk.Remove(temporary).IgnoreError();
    return status;
  }
  return disk.SyncFolder(folder);
}

}  // namespace quern::dataset

#include "common/base/config/file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "absl/strings/str_format.h"
#include "common/base/error.h"

namespace quern::config {
namespace {

constexpr size_t kLimit = size_t{1} << 20;

absl::Status Unreadable(const std::string& path, int error) {
  const bool missing = error == ENOENT || error == ENOTDIR;
  return MakeError(missing ? absl::StatusCode::kNotFound : absl::StatusCode::kInvalidArgument,
                   missing ? "NO_SUCH_FILE" : "UNREADABLE_FILE",
                   absl::StrFormat("cannot read %s: %s", path, std::strerror(error)));
}

}  // namespace

absl::StatusOr<std::string> ReadSmallFile(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), &std::fclose);
  if (file == nullptr) return Unreadable(path, errno);
  std::string bytes(kLimit + 1, '\0');
  errno = 0;
  bytes.resize(std::fread(bytes.data(), 1, bytes.size(), file.get()));
  if (std::ferror(file.get()) != 0) return Unreadable(path, errno);
  if (bytes.size() > kLimit) return Unreadable(path, EFBIG);
  return bytes;
}

}  // namespace quern::config

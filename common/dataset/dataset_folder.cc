#include "common/dataset/dataset_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <set>
#include <system_error>
#include <vector>

#include "absl/strings/str_format.h"
#include "common/base/error.h"

namespace quern::dataset {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kLockFile = ".quern-lock";
constexpr std::string_view kShardSuffix = ".jsonl.zst";
constexpr std::string_view kUnfinished = ".tmp";

// The number in "000123.jsonl.zst" or its unfinished form; 0 for any other name.
uint64_t ShardNumber(std::string_view name) {
  if (name.ends_with(kUnfinished)) name.remove_suffix(kUnfinished.size());
  if (!name.ends_with(kShardSuffix)) return 0;
  name.remove_suffix(kShardSuffix.size());
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  return error == std::errc() && end == name.data() + name.size() ? number : 0;
}

}  // namespace

absl::StatusOr<std::unique_ptr<FolderLock>> FolderLock::Take(const std::string& folder) {
  const std::string path = folder + "/" + std::string(kLockFile);
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return DiskError("creating", path, errno);
  if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return std::unique_ptr<FolderLock>(new FolderLock(fd));
  const int error = errno;
  ::close(fd);
  if (error != EWOULDBLOCK) return DiskError("locking", path, error);
  return MakeError(absl::StatusCode::kFailedPrecondition, "OUTPUT_IN_USE",
                   absl::StrFormat("%s: another process is writing this dataset; stop it first", folder));
}

FolderLock::~FolderLock() { ::close(fd_); }

absl::Status MakeFolders(const std::string& folder) {
  for (const RowKind kind : kRowKinds) {
    std::error_code error;
    const std::string path = absl::StrFormat("%s/%s", folder, FolderOf(kind));
    fs::create_directories(path, error);
    if (error) return DiskError("creating", path, error.value());
  }
  return absl::OkStatus();
}

bool HasShardFiles(const std::string& folder) {
  return std::any_of(std::begin(kRowKinds), std::end(kRowKinds), [&](RowKind kind) {
    std::error_code error;
    const bool empty = fs::is_empty(absl::StrFormat("%s/%s", folder, FolderOf(kind)), error);
    return !error && !empty;
  });
}

absl::StatusOr<uint64_t> RemoveOrphans(const std::string& folder, const Manifest& manifest, Disk& disk) {
  std::set<std::string> named;
  for (const Shard& shard : manifest.shards) named.insert(folder + "/" + shard.file());
  uint64_t highest = 0;
  QUERN_RETURN_IF_ERROR(disk.Remove(folder + "/" + Manifest::kFileName + std::string(kUnfinished)));
  for (const RowKind kind : kRowKinds) {
    std::error_code error;
    std::vector<std::string> orphans;
    for (const auto& entry : fs::directory_iterator(absl::StrFormat("%s/%s", folder, FolderOf(kind)), error)) {
      const uint64_t number = ShardNumber(entry.path().filename().string());
      if (number == 0 || named.contains(entry.path().string())) continue;
      orphans.push_back(entry.path().string());
      highest = std::max(highest, number);
    }
    for (const std::string& orphan : orphans) QUERN_RETURN_IF_ERROR(disk.Remove(orphan));
  }
  return highest;
}

absl::Status CheckShards(const std::string& folder, const Manifest& manifest) {
  for (const Shard& shard : manifest.shards) {
    std::error_code error;
    const uintmax_t size = fs::file_size(folder + "/" + shard.file(), error);
    if (!error && size == shard.bytes) continue;
    return MakeError(absl::StatusCode::kDataLoss, "SHARD_CORRUPT",
                     absl::StrFormat("%s/%s is missing or not %d bytes long, as the manifest says; restore it", folder,
                                     shard.file(), shard.bytes));
  }
  return absl::OkStatus();
}

}  // namespace quern::dataset

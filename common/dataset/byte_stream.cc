#include "common/dataset/byte_stream.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "common/base/error.h"

namespace quern::dataset {
namespace {

// What is read from the disk at once: large enough for the kernel's read-ahead, small enough for the L2 cache.
constexpr size_t kReadBytes = 256 * 1024;

// The file itself.
class FileStream : public ByteStream {
 public:
  FileStream(int fd, std::string path, const struct stat& opened) : fd_(fd), path_(std::move(path)), opened_(opened) {
    (void)::posix_fadvise(fd_, 0, 0, POSIX_FADV_SEQUENTIAL);
  }
  ~FileStream() override { ::close(fd_); }

  absl::StatusOr<size_t> Read(char* buffer, size_t size) override {
    for (;;) {
      const ssize_t got = ::pread(fd_, buffer, size, static_cast<off_t>(offset_));
      if (got >= 0) {
        offset_ += static_cast<uint64_t>(got);
        return static_cast<size_t>(got);
      }
      if (errno == EINTR) continue;
      return MakeError(absl::StatusCode::kUnavailable, "READ_FAILED",
                       absl::StrFormat("%s: reading at byte %d failed: %s", path_, offset_, std::strerror(errno)));
    }
  }

  uint64_t file_offset() const override { return offset_; }

  absl::Status CheckUnchanged() const override {
    struct stat now = {};
    const bool same = ::fstat(fd_, &now) == 0 && now.st_size == opened_.st_size &&
                      now.st_mtim.tv_sec == opened_.st_mtim.tv_sec && now.st_mtim.tv_nsec == opened_.st_mtim.tv_nsec;
    if (same) return absl::OkStatus();
    return MakeError(absl::StatusCode::kAborted, "INPUT_CHANGED",
                     absl::StrFormat("%s changed while it was read; run again when nobody writes to it", path_));
  }

  // Puts the offset back, so that bytes that were looked at are read again.
  void Rewind() { offset_ = 0; }

  const std::string& path() const { return path_; }

 private:
  const int fd_;
  const std::string path_;
  const struct stat opened_;
  uint64_t offset_ = 0;
};

// What gzip and zstd share: a buffer of compressed bytes and the errors.
class CompressedStream : public ByteStream {
 public:
  explicit CompressedStream(std::unique_ptr<FileStream> file) : file_(std::move(file)), input_(kReadBytes) {}

  uint64_t file_offset() const override { return file_->file_offset() - (filled_ - used_); }
  absl::Status CheckUnchanged() const override { return file_->CheckUnchanged(); }

 protected:
  // Reads more compressed bytes when all are used; false at the end of the file.
  absl::StatusOr<bool> FillInput() {
    if (used_ < filled_) return true;
    QUERN_ASSIGN_OR_RETURN(filled_, file_->Read(input_.data(), input_.size()));
    used_ = 0;
    return filled_ > 0;
  }

  absl::Status Truncated(std::string_view kind) const {
    return MakeError(absl::StatusCode::kDataLoss, "TRUNCATED_INPUT",
                     absl::StrFormat("%s: the %s data ends early, at byte %d; what came before it was read",
                                     file_->path(), kind, file_offset()));
  }
  absl::Status Corrupt(std::string_view kind, std::string_view detail) const {
    return MakeError(absl::StatusCode::kDataLoss, "CORRUPT_INPUT",
                     absl::StrFormat("%s: the %s data is corrupt near byte %d (%s); what came before it was read",
                                     file_->path(), kind, file_offset(), detail));
  }

  // Returns `fault` when nothing was produced, else `produced` now and `fault` by the next Read, so that every byte
  // before the fault gets out.
  absl::StatusOr<size_t> FaultAfter(size_t produced, absl::Status fault) {
    fault_ = std::move(fault);
    if (produced > 0) return produced;
    return fault_;
  }

  std::unique_ptr<FileStream> file_;
  std::vector<char> input_;
  size_t filled_ = 0;
  size_t used_ = 0;
  absl::Status fault_;
};

class GzipStream : public CompressedStream {
 public:
  explicit GzipStream(std::unique_ptr<FileStream> file) : CompressedStream(std::move(file)) {
    ::inflateInit2(&inflate_, kGzipWindow);
  }
  ~GzipStream() override { ::inflateEnd(&inflate_); }

  absl::StatusOr<size_t> Read(char* buffer, size_t size) override {
    QUERN_RETURN_IF_ERROR(fault_);
    inflate_.next_out = reinterpret_cast<Bytef*>(buffer);
    inflate_.avail_out = static_cast<uInt>(std::min<size_t>(size, 1u << 30));
    const size_t wanted = inflate_.avail_out;
    while (inflate_.avail_out == wanted) {
      QUERN_ASSIGN_OR_RETURN(const bool more, FillInput());
      if (!more) {
        if (between_members_) return size_t{0};
        return Truncated("gzip");
      }
      if (between_members_ && !BeginMember()) continue;
      absl::Status inflated = Inflate();
      if (!inflated.ok()) return FaultAfter(wanted - inflate_.avail_out, std::move(inflated));
    }
    return wanted - inflate_.avail_out;
  }

 private:
  static constexpr int kGzipWindow = 15 + 16;  // 15 bits of window; +16 asks zlib for the gzip wrapper alone.

  // Passes over the zero padding that tapes leave between and after members; true at the first byte of a member.
  bool BeginMember() {
    if (!first_member_) {
      while (used_ < filled_ && input_[used_] == 0) ++used_;
    }
    if (used_ == filled_) return false;
    if (!first_member_) ::inflateReset2(&inflate_, kGzipWindow);
    first_member_ = between_members_ = false;
    return true;
  }

  absl::Status Inflate() {
    inflate_.next_in = reinterpret_cast<Bytef*>(input_.data() + used_);
    inflate_.avail_in = static_cast<uInt>(filled_ - used_);
    const int code = ::inflate(&inflate_, Z_NO_FLUSH);
    used_ = filled_ - inflate_.avail_in;
    if (code == Z_STREAM_END) between_members_ = true;
    if (code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR) return absl::OkStatus();
    return Corrupt("gzip", inflate_.msg == nullptr ? "no detail" : inflate_.msg);
  }

  z_stream inflate_ = {};
  bool first_member_ = true;
  bool between_members_ = true;
};

class ZstdStream : public CompressedStream {
 public:
  explicit ZstdStream(std::unique_ptr<FileStream> file)
      : CompressedStream(std::move(file)), context_(::ZSTD_createDCtx()) {
    ::ZSTD_DCtx_setParameter(context_, ::ZSTD_d_windowLogMax, kMaxZstdWindowLog);
  }
  ~ZstdStream() override { ::ZSTD_freeDCtx(context_); }

  absl::StatusOr<size_t> Read(char* buffer, size_t size) override {
    QUERN_RETURN_IF_ERROR(fault_);
    ZSTD_outBuffer out{buffer, size, 0};
    while (out.pos == 0) {
      // Input may be used up while the decoder still holds output, so it is called once more before the end counts.
      QUERN_ASSIGN_OR_RETURN(const bool more, FillInput());
      ZSTD_inBuffer in{input_.data(), filled_, used_};
      if (!more && frame_ended_) return size_t{0};
      const size_t hint = ::ZSTD_decompressStream(context_, &out, &in);
      used_ = in.pos;
      if (::ZSTD_isError(hint)) return FaultAfter(out.pos, Fault(hint));
      frame_ended_ = hint == 0;
      if (!more && out.pos == 0 && !frame_ended_) return Truncated("zstd");
    }
    return out.pos;
  }

 private:
  absl::Status Fault(size_t code) const {
    if (::ZSTD_getErrorCode(code) != ::ZSTD_error_frameParameter_windowTooLarge) {
      return Corrupt("zstd", ::ZSTD_getErrorName(code));
    }
    return MakeError(absl::StatusCode::kFailedPrecondition, "ZSTD_WINDOW_TOO_LARGE",
                     absl::StrFormat("%s: the zstd frame at or before byte %d needs a window over %d MiB; compress it "
                                     "again with --long=%d or less",
                                     file_->path(), file_offset(), 1 << (kMaxZstdWindowLog - 20), kMaxZstdWindowLog));
  }

  ZSTD_DCtx* const context_;
  bool frame_ended_ = true;
};

bool IsGzip(std::string_view head) { return head.size() >= 2 && head.substr(0, 2) == "\x1f\x8b"; }

// A zstd frame begins with FD2FB528, a skippable one with 184D2A50 to 184D2A5F, both little-endian (RFC 8878).
bool IsZstd(std::string_view head) {
  if (head.size() < 4) return false;
  const bool skippable = (head[0] & 0xf0) == 0x50 && head.substr(1, 3) == "\x2a\x4d\x18";
  return skippable || head.substr(0, 4) == "\x28\xb5\x2f\xfd";
}

}  // namespace

absl::StatusOr<std::unique_ptr<ByteStream>> OpenByteStream(const std::string& path) {
  // O_NONBLOCK: a FIFO that took the file's place must not block the open.
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) {
    return MakeError(absl::StatusCode::kNotFound, "NO_INPUT", absl::StrFormat("%s: %s", path, std::strerror(errno)));
  }
  struct stat opened = {};
  if (::fstat(fd, &opened) != 0 || !S_ISREG(opened.st_mode)) {
    ::close(fd);
    return MakeError(absl::StatusCode::kNotFound, "NO_INPUT", absl::StrFormat("%s: not a regular file", path));
  }
  auto file = std::make_unique<FileStream>(fd, path, opened);
  char head[4];
  QUERN_ASSIGN_OR_RETURN(const size_t got, file->Read(head, sizeof head));
  file->Rewind();
  const std::string_view magic(head, got);
  if (IsGzip(magic)) return std::make_unique<GzipStream>(std::move(file));
  if (IsZstd(magic)) return std::make_unique<ZstdStream>(std::move(file));
  return file;
}

}  // namespace quern::dataset

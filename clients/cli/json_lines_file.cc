#include "clients/cli/json_lines_file.h"

#include <zstd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"

namespace quern::cli {
namespace {

constexpr int kCompressionLevel = 9;

absl::Status Unusable(const std::string& path) {
  return MakeError(absl::StatusCode::kFailedPrecondition, "OUTPUT_UNUSABLE",
                   absl::StrCat("cannot write ", path, ": ", std::strerror(errno)));
}

}  // namespace

absl::StatusOr<std::unique_ptr<JsonLinesFile>> JsonLinesFile::Create(const std::string& path) {
  std::unique_ptr<JsonLinesFile> file(new JsonLinesFile(path));
  if (!file->file_) return Unusable(path);
  return file;
}

JsonLinesFile::JsonLinesFile(const std::string& path)
    : path_(path), part_(path + ".part"), file_(part_, std::ios::binary | std::ios::trunc) {
  if (!absl::EndsWith(path, ".zst")) return;
  context_ = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context_, ZSTD_c_compressionLevel, kCompressionLevel);
  block_.resize(ZSTD_CStreamOutSize());
}

JsonLinesFile::~JsonLinesFile() {
  if (context_ != nullptr) ZSTD_freeCCtx(context_);
  if (!closed_) std::remove(part_.c_str());
}

absl::Status JsonLinesFile::Write(std::string_view lines) {
  return context_ != nullptr ? Compress(lines, false) : WriteRaw(lines);
}

absl::Status JsonLinesFile::Close() {
  if (context_ != nullptr) QUERN_RETURN_IF_ERROR(Compress("", true));
  file_.close();
  if (!file_ || std::rename(part_.c_str(), path_.c_str()) != 0) return Unusable(path_);
  closed_ = true;
  return absl::OkStatus();
}

absl::Status JsonLinesFile::Compress(std::string_view bytes, bool end) {
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  size_t left = 0;
  do {
    ZSTD_outBuffer out{block_.data(), block_.size(), 0};
    left = ZSTD_compressStream2(context_, &out, &in, end ? ZSTD_e_end : ZSTD_e_continue);
    if (ZSTD_isError(left)) return absl::InternalError(ZSTD_getErrorName(left));
    QUERN_RETURN_IF_ERROR(WriteRaw({block_.data(), out.pos}));
  } while (end ? left > 0 : in.pos < in.size);
  return absl::OkStatus();
}

absl::Status JsonLinesFile::WriteRaw(std::string_view bytes) {
  file_.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return file_ ? absl::OkStatus() : Unusable(path_);
}

}  // namespace quern::cli

#pragma once

#include <cstdint>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

struct ZSTD_CCtx_s;

namespace quern::cli {

// Writes a file of lines, compressed with zstd when its name ends in ".zst", in constant memory. The file appears under
// its name when Close returns OK; without that nothing is left over. Not thread-safe. Blocking.
class JsonLinesFile {
 public:
  // FAILED_PRECONDITION, reason OUTPUT_UNUSABLE: the file cannot be created.
  static absl::StatusOr<std::unique_ptr<JsonLinesFile>> Create(const std::string& path);
  ~JsonLinesFile();
  JsonLinesFile(const JsonLinesFile&) = delete;
  JsonLinesFile& operator=(const JsonLinesFile&) = delete;

  // Adds whole lines, each with its line feed. The same error as Create: the disk is full, say.
  absl::Status Write(std::string_view lines);

  absl::Status Close();

 private:
  explicit JsonLinesFile(const std::string& path);

  absl::Status Compress(std::string_view bytes, bool end);
  absl::Status WriteRaw(std::string_view bytes);

  const std::string path_;
  const std::string part_;
  std::ofstream file_;
  // Null when the file is not compressed.
  ZSTD_CCtx_s* context_ = nullptr;
  std::vector<char> block_;
  bool closed_ = false;
};

}  // namespace quern::cli

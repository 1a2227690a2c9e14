#include "common/queue/append_only_log.h"

#include <re2/re2.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "common/base/child_process.h"
#include "common/base/error.h"

namespace quern::queue {
namespace {

// Redis' default names, for which nobody asks otherwise.
constexpr char kLogFolder[] = "appendonlydir";
constexpr char kManifest[] = "appendonly.aof.manifest";
constexpr char kCheckLog[] = "check.log";
// More than Redis writes between two fsyncs; what lies behind an older fault was durable once.
constexpr uint64_t kMostCut = 64 << 20;

// Where the first fault of a log lies.
struct Fault {
  std::string file;
  uint64_t size = 0;
  uint64_t whole = 0;
};

absl::Status Damaged(const std::string& folder, const std::string& why) {
  return MakeError(absl::StatusCode::kDataLoss, "LOG_DAMAGED",
                   absl::StrCat("the append-only log in ", folder, "/", kLogFolder, " is damaged: ", why,
                                "; restore it from a copy, or see what `redis-check-aof ", kManifest,
                                "` says there (its --fix drops everything behind the fault)"));
}

std::string TextFrom(const std::string& path, uint64_t offset) {
  std::ifstream file(path);
  file.seekg(static_cast<std::streamoff>(offset));
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// The newest file of increments, which is the only one that a crash may tear.
std::string NewestIncrement(const std::string& manifest) {
  std::string newest, name;
  re2::StringPiece rest(manifest);
  while (RE2::FindAndConsume(&rest, R"((?m)^file (\S+) seq \d+ type i)", &name)) newest = name;
  return newest;
}

// Lets redis-check-aof read the log. True when it is whole; else `fault` says where it is not.
absl::StatusOr<bool> IsWhole(const std::string& folder, const std::string& program, Fault* fault) {
  const std::string output = folder + "/" + kCheckLog;
  std::error_code none;
  const uintmax_t before = std::filesystem::exists(output, none) ? std::filesystem::file_size(output, none) : 0;
  QUERN_ASSIGN_OR_RETURN(
      const pid_t check,
      StartChild({program, {std::string(kLogFolder) + "/" + kManifest}, folder, -1, std::string(kCheckLog)}));
  if (WaitForChild(check) == 0) return true;
  const std::string said = TextFrom(output, before);
  re2::StringPiece rest(said);
  // The file with the fault is the last that it tells of.
  while (RE2::FindAndConsume(&rest, R"(AOF analyzed: filename=(\S+), size=(\d+), ok_up_to=(\d+),)", &fault->file,
                             &fault->size, &fault->whole)) {
  }
  return false;
}

}  // namespace

absl::StatusOr<uint64_t> RepairAppendOnlyLog(const std::string& folder) {
  const std::string manifest = absl::StrCat(folder, "/", kLogFolder, "/", kManifest);
  std::error_code error;
  if (!std::filesystem::exists(manifest, error)) return 0;
  const std::string program = FindProgram("redis-check-aof");
  if (program.empty()) {
    return MakeError(absl::StatusCode::kUnavailable, "REDIS_MISSING",
                     "redis-check-aof is not installed; it comes with redis-server (apt-get install redis-tools)");
  }
  Fault fault;
  QUERN_ASSIGN_OR_RETURN(bool whole, IsWhole(folder, program, &fault));
  if (whole) return 0;
  if (fault.file.empty() || fault.whole >= fault.size) return Damaged(folder, "see check.log in the folder");
  if (fault.file != NewestIncrement(TextFrom(manifest, 0))) return Damaged(folder, fault.file + " is not the newest");
  const uint64_t cut = fault.size - fault.whole;
  if (cut > kMostCut) return Damaged(folder, absl::StrCat(cut, " bytes of ", fault.file, " lie behind the fault"));
  std::filesystem::resize_file(absl::StrCat(folder, "/", kLogFolder, "/", fault.file), fault.whole, error);
  if (error) return Damaged(folder, error.message());
  QUERN_ASSIGN_OR_RETURN(whole, IsWhole(folder, program, &fault));
  if (!whole) return Damaged(folder, "see check.log in the folder");
  return cut;
}

}  // namespace quern::queue

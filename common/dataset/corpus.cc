#include "common/dataset/corpus.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/base/error.h"
#include "common/base/hash.h"
#include "common/dataset/byte_stream.h"
#include "common/dataset/line_reader.h"
#include "common/dataset/source_format.h"

namespace quern::dataset {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxNameBytes = 512;
constexpr size_t kNameHashBytes = 33;  // "~" and 32 hexadecimal digits.

std::string SourceName(const std::string& path) {
  if (path.size() <= kMaxNameBytes) return path;
  return path.substr(0, kMaxNameBytes - kNameHashBytes) + "~" + ContentHash(path);
}

std::string WithoutTrailingSlashes(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

// True when `path` (resolved) is `root` (resolved) or lies below it.
bool IsInside(const std::string& path, const std::string& root) {
  return path == root || path.starts_with(root == "/" ? root : root + "/");
}

// Collects the sources of one call.
class CorpusBuilder {
 public:
  explicit CorpusBuilder(const CorpusOptions& options) : options_(options) {}

  void Add(const std::string& input) {
    if (input == "-") return AddStandardInput();
    struct stat info = {};
    if (::stat(input.c_str(), &info) != 0) return Fail(input, std::strerror(errno));
    if (S_ISDIR(info.st_mode)) return AddFolder(WithoutTrailingSlashes(input));
    if (!S_ISREG(info.st_mode)) return Fail(input, "not a regular file or a folder; pipe it to standard input (\"-\")");
    if (::access(input.c_str(), R_OK) != 0) return Fail(input, std::strerror(errno));
    auto format = FormatOfName(input);
    if (!format) format = Sniff(input);
    if (!format) return Fail(input, "unknown format: neither the extension nor the first bytes tell what it is");
    AddSource({SourceName(input), input, *format, static_cast<uint64_t>(info.st_size), {}, {}});
  }

  absl::StatusOr<Corpus> Finish() {
    // Each folder has said that it holds nothing, and what was left out of it.
    if (errors_.empty() && corpus_.sources.empty()) {
      errors_ = corpus_.warnings.empty() ? "no input is named" : absl::StrJoin(corpus_.warnings, "\n");
    }
    if (errors_.empty()) return std::move(corpus_);
    return MakeError(absl::StatusCode::kNotFound, "NO_INPUT", errors_);
  }

 private:
  void Fail(const std::string& input, std::string_view why) {
    absl::StrAppendFormat(&errors_, "%s%s: %s", errors_.empty() ? "" : "\n", input, why);
  }

  void AddSource(Source source) {
    if (!names_.insert(source.name).second) return Fail(source.name, "named twice");
    corpus_.bytes += source.bytes;
    corpus_.sources.push_back(std::move(source));
  }

  void AddStandardInput() {
    struct stat info = {};
    const std::string& path = options_.standard_input_path;
    if (path.empty()) return Fail("-", "standard input cannot be read here");
    if (::stat(path.c_str(), &info) != 0) return Fail(path, std::strerror(errno));
    AddSource({"stdin", path, SourceFormat::kJsonLines, static_cast<uint64_t>(info.st_size), {}, {}});
  }

  static std::optional<SourceFormat> Sniff(const std::string& path) {
    const auto stream = OpenByteStream(path);
    if (!stream.ok()) return std::nullopt;
    LineReader reader(**stream, kHeadBytes);
    const auto head = reader.Peek(kHeadBytes);
    // An empty file is no error: it is read as one without lines.
    if (head.ok() && head->empty()) return SourceFormat::kJsonLines;
    return head.ok() ? FormatOfContent(*head) : std::nullopt;
  }

  void AddFolder(const std::string& folder) {
    std::error_code error;
    root_ = fs::canonical(folder, error).string();
    if (error) return Fail(folder, error.message());
    if (::access(folder.c_str(), R_OK | X_OK) != 0) return Fail(folder, std::strerror(errno));
    found_.clear();
    left_out_.clear();
    Walk(folder);
    std::sort(found_.begin(), found_.end(), [](const Source& a, const Source& b) { return a.path < b.path; });
    if (found_.empty()) corpus_.warnings.push_back(absl::StrFormat("%s: no file of a known format", folder));
    for (Source& source : found_) AddSource(std::move(source));
    for (const auto& [extension, count] : left_out_) {
      corpus_.warnings.push_back(
          absl::StrFormat("%s: left out %d %s (%s)", folder, count, count == 1 ? "file" : "files", extension));
    }
  }

  void Walk(const std::string& folder) {
    std::error_code error;
    fs::directory_iterator entries(folder, error);
    for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
      const std::string name = entries->path().filename().string();
      const std::string path = folder + "/" + name;
      if (name.starts_with('.')) {
        ++left_out_["hidden"];
      } else {
        Visit(path, name);
      }
    }
    if (error) AddFault(folder, "UNREADABLE_FILE", error.message());
  }

  void Visit(const std::string& path, const std::string& name) {
    struct stat link = {};
    struct stat info = {};
    if (::lstat(path.c_str(), &link) != 0) return AddFault(path, "UNREADABLE_FILE", std::strerror(errno));
    if (S_ISDIR(link.st_mode)) return Walk(path);
    const auto format = FormatOfName(name);
    const bool target_known = ::stat(path.c_str(), &info) == 0;
    if (!format && !(target_known && S_ISDIR(info.st_mode))) return LeaveOut(name);
    if (S_ISLNK(link.st_mode)) {
      std::error_code error;
      const std::string target = fs::canonical(path, error).string();
      if (error) return AddFault(path, "UNREADABLE_FILE", error.message());
      if (!IsInside(target, root_))
        return AddFault(path, "LINK_LEAVES_FOLDER", "a symbolic link to outside of the folder");
      if (S_ISDIR(info.st_mode)) return;  // Its target is walked under its own name.
    }
    if (!S_ISREG(info.st_mode)) return AddFault(path, "NOT_A_REGULAR_FILE", "a device, FIFO or socket");
    if (::access(path.c_str(), R_OK) != 0) return AddFault(path, "UNREADABLE_FILE", std::strerror(errno));
    found_.push_back({SourceName(path), path, *format, static_cast<uint64_t>(info.st_size), {}, {}});
  }

  void LeaveOut(const std::string& name) {
    const std::string extension = fs::path(name).extension().string();
    ++left_out_[extension.empty() ? "no extension" : extension];
  }

  void AddFault(const std::string& path, std::string_view reason, std::string_view message) {
    found_.push_back({SourceName(path), path, SourceFormat::kText, 0, std::string(reason), std::string(message)});
  }

  const CorpusOptions& options_;
  Corpus corpus_;
  std::string errors_;
  std::set<std::string> names_;
  // Of the folder being walked.
  std::string root_;
  std::vector<Source> found_;
  std::map<std::string, int> left_out_;
};

}  // namespace

absl::StatusOr<Corpus> OpenCorpus(const std::vector<std::string>& inputs, const CorpusOptions& options) {
  CorpusBuilder builder(options);
  for (const std::string& input : inputs) builder.Add(input);
  return builder.Finish();
}

}  // namespace quern::dataset

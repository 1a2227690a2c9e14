#include "common/dataset/source_reader.h"

#include <utility>

#include "absl/strings/str_format.h"
#include "common/base/error.h"
#include "common/base/hash.h"
#include "common/dataset/byte_stream.h"
#include "common/dataset/document_rules.h"
#include "common/dataset/html_text.h"
#include "common/dataset/input_limits.h"
#include "common/dataset/json_line.h"
#include "common/dataset/line_reader.h"
#include "common/dataset/source_format.h"
#include "common/text/utf8.h"

namespace quern::dataset {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

void SetFault(InputFault fault, v1::IngestEntry* entry) {
  entry->mutable_unreadable()->set_reason(std::move(fault.reason));
  entry->mutable_unreadable()->set_message(std::move(fault.message));
}

InputFault ForeignFault(std::string_view what) {
  const bool encoding = what.starts_with("UTF-");
  return {encoding ? "UNSUPPORTED_ENCODING" : "UNSUPPORTED_FORMAT",
          encoding ? absl::StrFormat("the file is %s; convert it: iconv -f %s -t UTF-8", what, what)
                   : absl::StrFormat("the file is %s; convert it to JSON Lines, text or HTML", what)};
}

// True for the errors of a stream whose bytes are at fault: an input is dead then, and the job goes on.
bool IsInputFault(const absl::Status& status) {
  return status.code() == absl::StatusCode::kDataLoss || status.code() == absl::StatusCode::kFailedPrecondition;
}

// What all readers of an open file share.
class FileReader : public SourceReader {
 public:
  FileReader(std::string name, std::unique_ptr<ByteStream> stream, InputLimits limits)
      : name_(std::move(name)), stream_(std::move(stream)), limits_(std::move(limits)) {}

  uint64_t bytes_read() const override { return stream_->file_offset(); }
  const std::vector<std::string>& warnings() const override { return warnings_; }

 protected:
  void Warn(std::string_view what) { warnings_.push_back(absl::StrFormat("%s: %s", name_, what)); }

  // Makes a fault of the bytes the last entry; other errors stay errors.
  absl::StatusOr<bool> EndInFault(const absl::Status& status, uint64_t position, v1::IngestEntry* entry) {
    ended_ = true;
    if (!IsInputFault(status)) return status;
    warnings_.emplace_back(status.message());
    entry->set_position(position);
    SetFault({ErrorReason(status), std::string(status.message())}, entry);
    return true;
  }

  absl::StatusOr<bool> End() {
    ended_ = true;
    QUERN_RETURN_IF_ERROR(stream_->CheckUnchanged());
    return false;
  }

  const std::string name_;
  const std::unique_ptr<ByteStream> stream_;
  const InputLimits limits_;
  std::vector<std::string> warnings_;
  bool ended_ = false;
};

class JsonLinesReader : public FileReader {
 public:
  JsonLinesReader(std::string name, std::unique_ptr<ByteStream> stream, const InputLimits& limits)
      : FileReader(std::move(name), std::move(stream), limits),
        lines_(*stream_, limits.max_line_bytes()),
        parser_(limits) {}

  absl::Status SeekTo(uint64_t position) override {
    // A fault of the bytes that are passed over comes again with the next read, in its place.
    const absl::Status status = lines_.Skip(position);
    seek_ = position;
    return IsInputFault(status) ? absl::OkStatus() : status;
  }

  absl::StatusOr<bool> Next(v1::IngestEntry* entry) override {
    entry->Clear();
    if (ended_) return false;
    if (!std::exchange(begun_, true) && seek_ == 0) {
      const auto foreign = LookAtHead();
      if (!foreign.ok()) return EndInFault(foreign.status(), 1, entry);
      if (!foreign->empty()) {
        ended_ = true;
        entry->set_position(1);
        SetFault(ForeignFault(*foreign), entry);
        return true;
      }
    }
    for (;;) {
      LineReader::Line line;
      const auto more = lines_.Next(&line);
      if (!more.ok()) return FaultAfterLines(more.status(), entry);
      if (!*more) return EndOfLines();
      last_ = line.number;
      if (!line.too_long && line.text.find_first_not_of(" \t\r") == std::string_view::npos) continue;
      yielded_ = true;
      entry->set_position(line.number);
      Read(line, entry);
      return true;
    }
  }

 private:
  // Passes over a byte order mark; what the file is when it is no text.
  absl::StatusOr<std::string_view> LookAtHead() {
    QUERN_ASSIGN_OR_RETURN(const std::string_view head, lines_.Peek(kHeadBytes));
    if (head.starts_with(kByteOrderMark)) lines_.Drop(kByteOrderMark.size());
    return ForeignContent(head);
  }

  void Read(const LineReader::Line& line, v1::IngestEntry* entry) {
    if (line.too_long) {
      return SetFault({"DOCUMENT_TOO_LARGE",
                       absl::StrFormat("the line has %d bytes, more than %d: 3 × input.max_document_bytes and 2 MiB",
                                       line.length, limits_.max_line_bytes())},
                      entry);
    }
    JsonLineParser::Fields fields;
    auto fault = parser_.Parse(line.text, &fields);
    if (!fault) fault = parser_.BuildDocument(entry->mutable_document());
    if (fault) return SetFault(std::move(*fault), entry);
    if (entry->document().source().empty()) entry->mutable_document()->set_source(name_);
  }

  absl::StatusOr<bool> FaultAfterLines(const absl::Status& status, v1::IngestEntry* entry) {
    const uint64_t position = std::max(lines_.lines(), last_) + 1;
    // A client that resumes after the fault's own position has had it already.
    if (IsInputFault(status) && position <= seek_) {
      ended_ = true;
      warnings_.emplace_back(status.message());
      return false;
    }
    return EndInFault(status, position, entry);
  }

  absl::StatusOr<bool> EndOfLines() {
    if (!yielded_ && seek_ == 0) Warn("the file holds no documents");
    return End();
  }

  LineReader lines_;
  JsonLineParser parser_;
  uint64_t seek_ = 0;
  uint64_t last_ = 0;
  bool begun_ = false;
  bool yielded_ = false;
};

// A file that is one document.
class WholeFileReader : public FileReader {
 public:
  WholeFileReader(std::string name, std::unique_ptr<ByteStream> stream, const InputLimits& limits, SourceFormat format)
      : FileReader(std::move(name), std::move(stream), limits), format_(format) {}

  absl::Status SeekTo(uint64_t position) override {
    ended_ = position > 0;
    return absl::OkStatus();
  }

  absl::StatusOr<bool> Next(v1::IngestEntry* entry) override {
    entry->Clear();
    if (ended_) return End();
    if (read_) return End();
    read_ = true;
    std::string bytes;
    const auto whole = ReadAll(&bytes);
    if (!whole.ok()) return EndInFault(whole.status(), 1, entry);
    entry->set_position(1);
    if (!*whole) {
      ended_ = true;
      SetFault(
          {"DOCUMENT_TOO_LARGE", absl::StrFormat("the file has more than %d bytes: 3 × input.max_document_bytes and "
                                                 "2 MiB",
                                                 limits_.max_line_bytes())},
          entry);
      return true;
    }
    if (bytes.find_first_not_of(" \t\r\n") == std::string::npos) {
      Warn("the file holds no documents");
      return End();
    }
    if (auto fault = Convert(std::move(bytes), entry->mutable_document())) SetFault(std::move(*fault), entry);
    return true;
  }

 private:
  // False when the file is larger than the limit.
  absl::StatusOr<bool> ReadAll(std::string* bytes) {
    constexpr size_t kChunk = 64 * 1024;
    for (;;) {
      const size_t held = bytes->size();
      bytes->resize(held + kChunk);
      const auto got = stream_->Read(bytes->data() + held, kChunk);
      if (!got.ok()) return got.status();
      bytes->resize(held + *got);
      if (*got == 0) return true;
      if (bytes->size() > limits_.max_line_bytes()) return false;
    }
  }

  std::optional<InputFault> Convert(std::string bytes, v1::Document* document) {
    const std::string_view foreign = ForeignContent(bytes);
    const bool declared = format_ == SourceFormat::kHtml && foreign == "UTF-16";
    if (!foreign.empty() && !declared) return ForeignFault(foreign);
    if (auto fault =
            format_ == SourceFormat::kHtml ? ConvertHtml(bytes, document) : ConvertText(std::move(bytes), document)) {
      return fault;
    }
    document->set_id(ContentHash(document->text()));
    document->set_source(name_);
    return CheckText(document->text(), limits_);
  }

  std::optional<InputFault> ConvertHtml(std::string_view bytes, v1::Document* document) const {
    auto page = ExtractHtmlText(bytes, limits_.replace_invalid_utf8);
    if (!page.ok()) return InputFault{ErrorReason(page.status()), std::string(page.status().message())};
    document->set_title(std::move(page->title));
    document->set_text(std::move(page->text));
    return std::nullopt;
  }

  std::optional<InputFault> ConvertText(std::string bytes, v1::Document* document) const {
    if (bytes.starts_with(kByteOrderMark)) bytes.erase(0, kByteOrderMark.size());
    if (const std::optional<size_t> invalid = text::FindInvalidUtf8(bytes)) {
      if (!limits_.replace_invalid_utf8) {
        return InputFault{"INVALID_UTF8", absl::StrFormat("byte %d of the file is not UTF-8; convert the file, or set "
                                                          "input.replace_invalid_utf8",
                                                          *invalid + 1)};
      }
      bytes = text::ReplaceInvalidUtf8(bytes);
    }
    if (format_ == SourceFormat::kMarkdown) document->set_title(MarkdownTitle(bytes));
    document->set_text(std::move(bytes));
    return std::nullopt;
  }

  // The first line "# Title", its closing marks aside.
  static std::string MarkdownTitle(std::string_view text) {
    for (size_t at = 0; at < text.size();) {
      const size_t end = std::min(text.find('\n', at), text.size());
      std::string_view line = text.substr(at, end - at);
      at = end + 1;
      if (!line.starts_with("# ")) continue;
      line.remove_prefix(2);
      while (!line.empty() && (line.back() == '#' || line.back() == ' ' || line.back() == '\r')) line.remove_suffix(1);
      while (line.starts_with(' ')) line.remove_prefix(1);
      return std::string(line);
    }
    return {};
  }

  const SourceFormat format_;
  bool read_ = false;
};

// A source that OpenCorpus found to be unusable.
class FaultReader : public SourceReader {
 public:
  explicit FaultReader(InputFault fault) : fault_(std::move(fault)) {}

  absl::Status SeekTo(uint64_t position) override {
    ended_ = position > 0;
    return absl::OkStatus();
  }
  absl::StatusOr<bool> Next(v1::IngestEntry* entry) override {
    entry->Clear();
    if (std::exchange(ended_, true)) return false;
    entry->set_position(1);
    SetFault(fault_, entry);
    return true;
  }
  uint64_t bytes_read() const override { return 0; }
  const std::vector<std::string>& warnings() const override { return warnings_; }

 private:
  const InputFault fault_;
  const std::vector<std::string> warnings_;
  bool ended_ = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<SourceReader>> SourceReader::Open(const Source& source, const v1::InputSpec& spec) {
  QUERN_ASSIGN_OR_RETURN(InputLimits limits, ResolveInputSpec(spec));
  if (!source.fault_reason.empty()) {
    return std::make_unique<FaultReader>(InputFault{source.fault_reason, source.fault_message});
  }
  QUERN_ASSIGN_OR_RETURN(auto stream, OpenByteStream(source.path));
  if (source.format == SourceFormat::kJsonLines) {
    return std::make_unique<JsonLinesReader>(source.name, std::move(stream), limits);
  }
  return std::make_unique<WholeFileReader>(source.name, std::move(stream), limits, source.format);
}

}  // namespace quern::dataset

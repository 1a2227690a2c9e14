#include "services/verifier/evaluation_set.h"

#include <simdjson.h>

#include <memory>
#include <optional>
#include <string>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/base/error.h"
#include "common/dataset/byte_stream.h"
#include "common/dataset/json_text.h"
#include "common/dataset/line_reader.h"
#include "common/dataset/source_format.h"
#include "common/text/utf8.h"

namespace quern::verifier {
namespace {

using simdjson::dom::element;

constexpr size_t kMaxLineBytes = 16 << 20;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

static_assert(dataset::LineReader::kPadding >= simdjson::SIMDJSON_PADDING);

// Reads one set; used once.
class SetReader {
 public:
  SetReader(const EvaluationSet& set, std::string_view path, const TakeEntryText& take)
      : set_(set), path_(path), take_(take) {}

  absl::Status Read() {
    auto stream = dataset::OpenByteStream(set_.file);
    if (!stream.ok()) {
      return Fault("file", absl::StrFormat("%s; the machine that runs the verifier needs the file",
                                           std::string(stream.status().message())));
    }
    dataset::LineReader lines(**stream, kMaxLineBytes);
    QUERN_RETURN_IF_ERROR(FindFormat(lines));
    QUERN_RETURN_IF_ERROR(ReadLines(lines));
    const absl::Status unchanged = (*stream)->CheckUnchanged();
    if (!unchanged.ok()) return Fault("file", std::string(unchanged.message()));
    if (found_) return absl::OkStatus();
    if (!json_) return Fault("file", absl::StrFormat("%s holds no entry", set_.file));
    return Fault("fields",
                 absl::StrFormat("no entry of %s has a text in \"%s\"; name the fields that hold its questions",
                                 set_.file, absl::StrJoin(set_.fields, "\" or \"")));
  }

 private:
  absl::Status Fault(std::string_view field, std::string_view what) const {
    return MakeError(absl::StatusCode::kInvalidArgument, "INVALID_SPEC",
                     absl::StrFormat("%s.%s: %s", path_, field, what));
  }
  absl::Status LineFault(std::string_view what) const {
    return Fault("file", absl::StrFormat("%s: line %d: %s", set_.file, number_, what));
  }

  absl::Status FindFormat(dataset::LineReader& lines) {
    const auto head = lines.Peek(dataset::kHeadBytes);
    if (!head.ok()) return Fault("file", std::string(head.status().message()));
    const std::string_view foreign = dataset::ForeignContent(*head);
    if (!foreign.empty()) {
      return Fault("file", absl::StrFormat("%s is %s; convert it to JSON Lines or text", set_.file, foreign));
    }
    auto format = dataset::FormatOfName(set_.file);
    if (!format) format = dataset::FormatOfContent(*head);
    if (format != dataset::SourceFormat::kJsonLines && format != dataset::SourceFormat::kText) {
      return Fault("file", absl::StrFormat("%s is of unknown format; give JSON Lines (.jsonl) or text with one entry a "
                                           "line (.txt)",
                                           set_.file));
    }
    json_ = format == dataset::SourceFormat::kJsonLines;
    if (head->starts_with(kByteOrderMark)) lines.Drop(kByteOrderMark.size());
    return absl::OkStatus();
  }

  absl::Status ReadLines(dataset::LineReader& lines) {
    for (;;) {
      dataset::LineReader::Line line;
      const auto more = lines.Next(&line);
      if (!more.ok()) return Fault("file", std::string(more.status().message()));
      if (!*more) return absl::OkStatus();
      number_ = line.number;
      if (line.too_long) {
        return LineFault(
            absl::StrFormat("has %d bytes, more than %d; an entry is one line", line.length, kMaxLineBytes));
      }
      if (line.text.find_first_not_of(" \t\r") == std::string_view::npos) continue;
      QUERN_RETURN_IF_ERROR(json_ ? ReadObject(line.text) : ReadText(line.text));
    }
  }

  absl::Status ReadText(std::string_view line) {
    if (const auto at = text::FindInvalidUtf8(line)) {
      return LineFault(absl::StrFormat("byte %d is not UTF-8; convert the file", *at + 1));
    }
    return Take(line);
  }

  absl::Status ReadObject(std::string_view line) {
    element root;
    auto error = parser_.parse(line.data(), line.size(), false).get(root);
    if (error == simdjson::NUMBER_ERROR) {
      // Numbers that no double holds are well-formed, and nobody compares them.
      quoted_ = dataset::QuoteNumbers(line, dataset::NumbersToQuote::kAll).value_or(std::string(line));
      error = parser_.parse(quoted_).get(root);
    }
    if (error != simdjson::SUCCESS) return LineFault(Explain(error, line));
    simdjson::dom::object object;
    if (root.get(object) != simdjson::SUCCESS) {
      return LineFault("is no object; JSON Lines holds one object a line (of one array, jq -c '.[]' makes it)");
    }
    for (const std::string& field : set_.fields) {
      element value;
      if (object.at_key(field).get(value) == simdjson::SUCCESS) QUERN_RETURN_IF_ERROR(TakeField(field, value));
    }
    return absl::OkStatus();
  }

  static std::string Explain(simdjson::error_code error, std::string_view line) {
    if (error == simdjson::UTF8_ERROR) return "is not UTF-8; convert the file";
    const auto diagnosis = dataset::DiagnoseJson(line);
    if (!diagnosis) return absl::StrFormat("is no JSON: %s", simdjson::error_message(error));
    return absl::StrFormat("is no JSON: byte %d: %s", diagnosis->offset + 1, diagnosis->cause);
  }

  absl::Status TakeField(const std::string& field, element value) {
    if (value.is_null()) return absl::OkStatus();
    std::string_view text;
    if (value.get(text) == simdjson::SUCCESS) return Take(text);
    simdjson::dom::array array;
    if (value.get(array) != simdjson::SUCCESS) return NoText(field);
    for (const element member : array) {
      if (member.get(text) != simdjson::SUCCESS) return NoText(field);
      QUERN_RETURN_IF_ERROR(Take(text));
    }
    return absl::OkStatus();
  }

  absl::Status NoText(const std::string& field) const {
    return Fault("fields", absl::StrFormat("%s: line %d: \"%s\" is neither a string nor a list of strings; name fields "
                                           "that are",
                                           set_.file, number_, field));
  }

  absl::Status Take(std::string_view text) {
    found_ = true;
    return take_(number_, text);
  }

  const EvaluationSet& set_;
  const std::string_view path_;
  const TakeEntryText& take_;
  simdjson::dom::parser parser_;
  std::string quoted_;
  bool json_ = false;
  bool found_ = false;
  uint64_t number_ = 0;
};

}  // namespace

absl::Status ReadEvaluationSet(const EvaluationSet& set, std::string_view path, const TakeEntryText& take) {
  return SetReader(set, path, take).Read();
}

}  // namespace quern::verifier

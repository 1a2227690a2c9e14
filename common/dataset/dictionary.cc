#include "common/dataset/dictionary.h"

#include <re2/re2.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "common/base/error.h"
#include "common/dataset/byte_stream.h"
#include "common/text/utf8.h"

namespace quern::dataset {
namespace {

constexpr size_t kMaxFileBytes = size_t{1} << 30;
constexpr size_t kUsualWidth = 60;  // Entries of a line or two do not show the width they were wrapped to.

absl::StatusOr<std::string> ReadWhole(const std::string& path) {
  QUERN_ASSIGN_OR_RETURN(const auto stream, OpenByteStream(path));
  std::string bytes;
  constexpr size_t kChunk = 256 * 1024;
  for (;;) {
    const size_t held = bytes.size();
    bytes.resize(held + kChunk);
    QUERN_ASSIGN_OR_RETURN(const size_t got, stream->Read(bytes.data() + held, kChunk));
    bytes.resize(held + got);
    if (got == 0) return bytes;
    if (bytes.size() > kMaxFileBytes) {
      return MakeError(absl::StatusCode::kDataLoss, "DOCUMENT_TOO_LARGE",
                       absl::StrFormat("%s: a dictionary of more than %d bytes", path, kMaxFileBytes));
    }
  }
}

std::vector<std::string_view> Split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  while (true) {
    const size_t end = text.find(at);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

// dictd writes numbers in base 64, most significant digit first, with the digits of MIME's base64.
std::optional<uint64_t> ParseBase64Number(std::string_view text) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  uint64_t number = 0;
  for (const char c : text) {
    const size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos || number >> 58 != 0) return std::nullopt;
    number = number << 6 | digit;
  }
  return text.empty() ? std::nullopt : std::optional(number);
}

// What dictd compares: letters and digits only, without case. Bytes beyond ASCII stay as they are.
std::string Canonical(std::string_view headword) {
  std::string canonical;
  for (const char c : headword) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 || std::isalnum(byte)) canonical += static_cast<char>(std::tolower(byte));
  }
  return canonical;
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front()))) text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.remove_suffix(1);
  return text;
}

size_t Indentation(std::string_view line) { return std::min(line.find_first_not_of(" \t"), line.size()); }

// Collapses runs of spaces inside a line.
std::string OneSpaced(std::string_view line) {
  std::string result;
  for (const char c : Trim(line)) {
    const bool space = c == ' ' || c == '\t' || c == '\r';
    if (!space) result += c;
    if (space && !result.ends_with(' ')) result += ' ';
  }
  return result;
}

using Headwords = std::set<std::string>;  // In canonical form.

// Takes one heading of names that "%%%" joins over several lines; empty when there is none.
std::string TakeJoinedHeading(const Headwords& headwords, std::vector<std::string_view>* lines) {
  std::string heading;
  size_t end = 0;
  for (; end < lines->size() && !Trim((*lines)[end]).empty(); ++end) {
    heading += (end == 0 ? "" : " ") + OneSpaced((*lines)[end]);
  }
  const size_t join = heading.find("%%%");
  const std::string first = heading.substr(0, join);
  if (join == std::string::npos || !headwords.contains(Canonical(first))) return {};
  lines->erase(lines->begin(), lines->begin() + static_cast<std::ptrdiff_t>(end));
  return first;
}

// Takes the heading off `lines` and returns the title, or nothing.
std::string TakeTitle(const Headwords& headwords, std::vector<std::string_view>* lines) {
  while (!lines->empty() && Trim(lines->front()).empty()) lines->erase(lines->begin());
  std::string title = TakeJoinedHeading(headwords, lines);
  if (!title.empty()) return title;
  while (!lines->empty()) {
    const std::string line = OneSpaced(lines->front());
    if (line.empty() || !headwords.contains(Canonical(line))) break;
    if (title.empty()) title = line;
    lines->erase(lines->begin());
  }
  return title;
}

// The indentation of most lines: single lines may stand further out.
size_t UsualIndentation(const std::vector<std::string_view>& lines) {
  std::map<size_t, int> counts;
  for (const std::string_view line : lines) {
    if (!Trim(line).empty()) ++counts[Indentation(line)];
  }
  const auto most =
      std::max_element(counts.begin(), counts.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == counts.end() ? 0 : most->first;
}

// Joins the lines of wrapped paragraphs.
std::string Unwrap(const std::vector<std::string_view>& lines) {
  size_t width = kUsualWidth;
  for (const std::string_view line : lines) width = std::max(width, line.size());
  const size_t base = UsualIndentation(lines) + 1;  // A stray space is no list.
  std::string text;
  std::string_view before;
  for (const std::string_view line : lines) {
    const std::string_view words = Trim(line);
    if (words.empty()) {
      if (!text.empty() && !text.ends_with("\n\n")) text += "\n\n";
      before = {};
      continue;
    }
    const size_t first_word = std::min(words.find(' '), words.size());
    const bool deeper = Indentation(line) > base || (!before.empty() && Indentation(before) > base);
    const bool wrapped = before.size() + 1 + first_word > width || std::islower(static_cast<unsigned char>(words[0]));
    if (!before.empty()) text += !deeper && wrapped ? ' ' : '\n';
    text += OneSpaced(words);
    before = line;
  }
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

void AddString(std::string_view name, std::string value, v1::Document* document) {
  (*document->mutable_metadata()->mutable_fields())[std::string(name)].set_string_value(std::move(value));
}

void TakeMarkup(std::string* text, v1::Document* document) {
  static const RE2* const kDate = new RE2(R"(\s*\((\d{4}-\d{2}-\d{2})\)\s*$)");
  static const RE2* const kInnerDate = new RE2(R"((?m)^\(\d{4}-\d{2}-\d{2}\)\n\n)");
  static const RE2* const kAddress = new RE2(R"(\{\((?:https?|ftp|mailto|news|telnet|gopher):[^{}]*\)\})");
  static const RE2* const kTermWithAddress = new RE2(R"(\{([^{}()]+?)\s*\([^{}]*\)\})");
  static const RE2* const kTerm = new RE2(R"(\{([^{}]+)\})");
  static const RE2* const kSubject = new RE2(R"((?m)^((?:\d+\.\s)?)<([a-z][A-Za-z0-9 ,/&.-]*)>\s*)");
  std::string date;
  if (RE2::PartialMatch(*text, *kDate, &date) && RE2::Replace(text, *kDate, "")) AddString("updated", date, document);
  RE2::GlobalReplace(text, *kInnerDate, "");
  RE2::GlobalReplace(text, *kAddress, "");
  RE2::GlobalReplace(text, *kTermWithAddress, "\\1");
  RE2::GlobalReplace(text, *kTerm, "\\1");
  std::vector<std::string> subjects;
  re2::StringPiece rest(*text);
  std::string number;
  std::string tags;
  while (RE2::FindAndConsume(&rest, *kSubject, &number, &tags)) {
    for (const std::string_view tag : Split(tags, ',')) {
      std::string subject(Trim(tag));
      if (std::find(subjects.begin(), subjects.end(), subject) == subjects.end())
        subjects.push_back(std::move(subject));
    }
  }
  RE2::GlobalReplace(text, *kSubject, "\\1");
  for (std::string& subject : subjects) {
    auto& field = (*document->mutable_metadata()->mutable_fields())["subjects"];
    field.mutable_list_value()->add_values()->set_string_value(std::move(subject));
  }
}

struct Entry {
  uint64_t size = 0;
  std::vector<std::string> headwords;
};

absl::StatusOr<std::map<uint64_t, Entry>> ParseIndex(std::string_view index, uint64_t data_size,
                                                     const std::string& path) {
  std::map<uint64_t, Entry> entries;
  uint64_t number = 0;
  for (const std::string_view line : Split(index, '\n')) {
    ++number;
    if (Trim(line).empty()) continue;
    const auto columns = Split(line, '\t');
    const auto offset = columns.size() < 3 ? std::nullopt : ParseBase64Number(Trim(columns[1]));
    const auto size = columns.size() < 3 ? std::nullopt : ParseBase64Number(Trim(columns[2]));
    if (!offset || !size || *offset > data_size || *size > data_size - *offset) {
      return MakeError(absl::StatusCode::kDataLoss, "CORRUPT_INPUT",
                       absl::StrFormat("%s, line %d: no entry of the dictionary beside it", path, number));
    }
    const std::string_view headword = Trim(columns[0]);
    if (headword.starts_with("00database") || headword.starts_with("00-database")) continue;
    Entry& entry = entries[*offset];
    entry.size = *size;
    entry.headwords.push_back(text::ReplaceInvalidUtf8(headword));
  }
  return entries;
}

}  // namespace

v1::Document EntryToDocument(const std::vector<std::string>& headwords, std::string_view entry,
                             const std::string& dictionary) {
  v1::Document document;
  std::vector<std::string_view> lines = Split(entry, '\n');
  Headwords canonical;
  for (const std::string& headword : headwords) canonical.insert(Canonical(headword));
  document.set_title(TakeTitle(canonical, &lines));
  if (document.title().empty()) document.set_title(headwords.front());
  std::string text = Unwrap(lines);
  TakeMarkup(&text, &document);
  document.set_text(std::string(Trim(text)));
  AddString("dictionary", dictionary, &document);
  return document;
}

absl::Status ReadDictionary(const std::string& index_path, const std::string& data_path, const std::string& name,
                            const std::function<absl::Status(v1::Document)>& sink) {
  QUERN_ASSIGN_OR_RETURN(const std::string index, ReadWhole(index_path));
  QUERN_ASSIGN_OR_RETURN(const std::string data, ReadWhole(data_path));
  QUERN_ASSIGN_OR_RETURN(const auto entries, ParseIndex(index, data.size(), index_path));
  for (const auto& [offset, entry] : entries) {
    const std::string text = text::ReplaceInvalidUtf8(data.substr(offset, entry.size));
    v1::Document document = EntryToDocument(entry.headwords, text, name);
    document.set_id(name + "/" + document.title());
    document.set_source(name);
    QUERN_RETURN_IF_ERROR(sink(std::move(document)));
  }
  return absl::OkStatus();
}

}  // namespace quern::dataset

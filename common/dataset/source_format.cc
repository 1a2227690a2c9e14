#include "common/dataset/source_format.h"

#include <algorithm>
#include <cctype>

namespace quern::dataset {
namespace {

using std::string_view_literals::operator""sv;

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

struct Extension {
  std::string_view name;
  SourceFormat format;
};
constexpr Extension kExtensions[] = {
    {".jsonl", SourceFormat::kJsonLines},   {".ndjson", SourceFormat::kJsonLines}, {".json", SourceFormat::kJsonLines},
    {".txt", SourceFormat::kText},          {".text", SourceFormat::kText},        {".md", SourceFormat::kMarkdown},
    {".markdown", SourceFormat::kMarkdown}, {".html", SourceFormat::kHtml},        {".htm", SourceFormat::kHtml},
    {".xhtml", SourceFormat::kHtml},
};

struct Signature {
  std::string_view magic;
  std::string_view meaning;
};
// UTF-32 before UTF-16, whose mark is a prefix of it. Without a mark, UTF-16 shows by the NUL beside the first "{".
constexpr Signature kSignatures[] = {
    {"\xff\xfe\0\0"sv, "UTF-32"},
    {"\0\0\xfe\xff"sv, "UTF-32"},
    {"\xff\xfe"sv, "UTF-16"},
    {"\xfe\xff"sv, "UTF-16"},
    {"{\0"sv, "UTF-16"},
    {"\0{"sv, "UTF-16"},
    {"%PDF-"sv, "a PDF file"},
    {"PAR1"sv, "a Parquet file"},
    {"BZh"sv, "bzip2 data"},
    {"\xfd"
     "7zXZ"sv,
     "xz data"},
    {"PK\x03\x04"sv, "a zip archive"},
    {"ARROW1"sv, "an Arrow file"},
    {"\x7f"
     "ELF"sv,
     "a program"},
    {"\x89PNG"sv, "a PNG image"},
    {"\xff\xd8\xff"sv, "a JPEG image"},
};

}  // namespace

std::optional<SourceFormat> FormatOfName(std::string_view name) {
  std::string lower = Lower(name);
  for (const std::string_view wrapper : {".gz"sv, ".zst"sv}) {
    if (lower.ends_with(wrapper)) {
      lower.resize(lower.size() - wrapper.size());
      break;
    }
  }
  for (const Extension& extension : kExtensions) {
    if (lower.ends_with(extension.name)) return extension.format;
  }
  return std::nullopt;
}

std::optional<SourceFormat> FormatOfContent(std::string_view head) {
  if (head.starts_with("\xef\xbb\xbf")) head.remove_prefix(3);
  head.remove_prefix(std::min(head.find_first_not_of(" \t\r\n"), head.size()));
  if (head.starts_with('{')) return SourceFormat::kJsonLines;
  const std::string lower = Lower(head);
  const bool comment = lower.starts_with("<!--") && lower.find("<html") != std::string::npos;
  if (comment || lower.starts_with("<!doctype html") || lower.starts_with("<html")) return SourceFormat::kHtml;
  return std::nullopt;
}

std::string_view ForeignContent(std::string_view head) {
  for (const Signature& signature : kSignatures) {
    if (head.starts_with(signature.magic)) return signature.meaning;
  }
  return {};
}

}  // namespace quern::dataset

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/dataset/corpus.h"

namespace quern::dataset {

// The format that a file's name promises, ".gz" and ".zst" aside; nothing for an extension that is not known.
std::optional<SourceFormat> FormatOfName(std::string_view name);

// The format that a file's first bytes show: JSON Lines for "{", HTML for "<!doctype html", "<html" or a comment before
// those; nothing otherwise.
std::optional<SourceFormat> FormatOfContent(std::string_view head);

// Why a file that begins with `head` (decompressed) cannot be text: "UTF-16", "a PDF file", "a Parquet file", … Empty
// when nothing speaks against it.
std::string_view ForeignContent(std::string_view head);

// Bytes that the functions above look at.
inline constexpr size_t kHeadBytes = 512;

}  // namespace quern::dataset

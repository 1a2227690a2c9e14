#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "quern/v1/document.pb.h"

namespace quern::dataset {

// Reads the dictionary in dictd's format whose index is `index_path` and data `data_path` (plain or dictzip): calls
// `sink` for each entry in the order of the data. Entries that describe the database ("00-database-…") are left out.
// DATA_LOSS "CORRUPT_INPUT" when the index points outside of the data or is no index.
absl::Status ReadDictionary(const std::string& index_path, const std::string& data_path, const std::string& name,
                            const std::function<absl::Status(v1::Document)>& sink);

// Makes a document of one entry's text; `headword` is the index's. The text loses its markup and its line wrapping and
// is otherwise kept:
// - the title is the entry's first line (the first name where "%%%" joins several) when it spells the headword, which
// then
//   is no part of the text; else the headword;
// - "<subject>" at a paragraph's beginning goes to metadata `subjects`, a closing "(1994-10-28)" to `updated`, the
//   dictionary's name to `dictionary`; "{term}" becomes term, "{term (address)}" too;
// - a line break stays only where the next word would have fit on the line or at deeper indentation (lists, listings);
//   blank lines stay as one.
v1::Document EntryToDocument(std::string_view headword, std::string_view entry, const std::string& dictionary);

}  // namespace quern::dataset

#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "quern/v1/document.pb.h"

namespace quern::dataset {

// Reads the dictionary in dictd's format whose index is `index_path` and data `data_path` (plain or dictzip): calls
// `sink` for each entry in the order of the data. Entries that describe the database ("00-database-…") are left out.
// DATA_LOSS "CORRUPT_INPUT" when the index points outside of the data or is no index.
absl::Status ReadDictionary(const std::string& index_path, const std::string& data_path, const std::string& name,
                            const std::function<absl::Status(v1::Document)>& sink);

// Makes a document of one entry's text; `headwords` are those by which the index finds it, at least one. The text loses
// its markup and its line wrapping and is otherwise kept:
// - the lines it begins with that spell a headword are no part of the text (one line, several, or names joined by
// "%%%");
//   the first of them is the title, and where there is none the first of `headwords`;
// - "<subject>" at a paragraph's beginning goes to metadata `subjects`, a closing "(1994-10-28)" to `updated` (one that
// closes an earlier paragraph is dropped), the
//   dictionary's name to `dictionary`; "{term}" becomes term, "{term (address)}" too;
// - a line break stays only where the next word would have fit on the line or at deeper indentation (lists, listings);
//   blank lines stay as one.
v1::Document EntryToDocument(const std::vector<std::string>& headwords, std::string_view entry,
                             const std::string& dictionary);

}  // namespace quern::dataset

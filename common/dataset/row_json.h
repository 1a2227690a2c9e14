#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "google/protobuf/struct.pb.h"

namespace quern::dataset {

// Rows as JSON: the form of the dataset's files.
//
// Fields have their proto names (snake_case) and all of them are always there, in the proto's order, so that tables
// made of them have the same columns in every file: an unset message or optional field is null, an unset string "".
// Enums are their value's name in lower case without the enum's prefix ("filter", "year"; unspecified is ""). 64-bit
// integers are JSON numbers. google.protobuf.Timestamp is RFC 3339 in UTC, google.protobuf.Struct a JSON object. A list
// that is empty in nearly all rows, failed_attempts, is text that holds JSON, "" where it is empty: readers that infer
// a column's type from the first rows would take it for a list of nulls, and fail on the first row that has one.

// Appends `row` to `json` as one line without a line feed. The message's strings must be valid UTF-8; numbers must be
// finite (others become null).
void AppendRowJson(const google::protobuf::Message& row, std::string* json);

// Appends a metadata object, keys in byte order.
void AppendStructJson(const google::protobuf::Struct& object, std::string* json);

// Whether a field is a list that rows hold as text.
bool IsTextList(const google::protobuf::FieldDescriptor& field);

// How the line of a row begins whose first field is an "id" that begins with `id`: tells a row from others without
// reading it.
std::string RowBeginning(std::string_view id);

// Reads what AppendRowJson wrote into `row`, which is cleared first. INVALID_ARGUMENT "INVALID_ROW": not such a line,
// or an unknown field. At least LineReader::kPadding readable bytes must follow `line`.
absl::Status ParseRowJson(std::string_view line, google::protobuf::Message* row);

}  // namespace quern::dataset

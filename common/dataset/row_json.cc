#include "common/dataset/row_json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/node_hash_map.h"
#include "absl/time/time.h"
#include "common/base/enum_text.h"
#include "common/base/json_text.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/timestamp.pb.h"

namespace quern::dataset {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

template <typename Number>
void AppendNumber(Number number, std::string* json) {
  char digits[32];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
  json->append(digits, static_cast<size_t>(end - digits));
}

void AppendDouble(double number, std::string* json) {
  if (std::isfinite(number)) {
    AppendNumber(number, json);
  } else {
    json->append("null");
  }
}

void AppendKey(std::string_view key, bool first, std::string* json) {
  if (!first) json->push_back(',');
  AppendJsonString(key, json);
  json->push_back(':');
}

void AppendValue(const google::protobuf::Value& value, std::string* json);

// Keys in byte order: a map's own order changes from run to run.
void AppendStruct(const google::protobuf::Struct& object, std::string* json) {
  std::vector<std::string_view> keys;
  for (const auto& field : object.fields()) keys.push_back(field.first);
  std::sort(keys.begin(), keys.end());
  json->push_back('{');
  for (size_t i = 0; i < keys.size(); ++i) {
    AppendKey(keys[i], i == 0, json);
    AppendValue(object.fields().at(std::string(keys[i])), json);
  }
  json->push_back('}');
}

void AppendValue(const google::protobuf::Value& value, std::string* json) {
  using Kind = google::protobuf::Value;
  switch (value.kind_case()) {
    case Kind::kStringValue:
      return AppendJsonString(value.string_value(), json);
    case Kind::kNumberValue:
      return AppendDouble(value.number_value(), json);
    case Kind::kBoolValue:
      json->append(value.bool_value() ? "true" : "false");
      return;
    case Kind::kStructValue:
      return AppendStruct(value.struct_value(), json);
    case Kind::kListValue:
      json->push_back('[');
      for (int i = 0; i < value.list_value().values_size(); ++i) {
        if (i > 0) json->push_back(',');
        AppendValue(value.list_value().values(i), json);
      }
      json->push_back(']');
      return;
    default:
      json->append("null");
  }
}

void AppendTimestamp(const google::protobuf::Timestamp& timestamp, std::string* json) {
  const absl::Time time = absl::FromUnixSeconds(timestamp.seconds()) + absl::Nanoseconds(timestamp.nanos());
  json->push_back('"');
  json->append(absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", time, absl::UTCTimeZone()));
  json->push_back('"');
}

// How a field is written.
enum class Form { kValue, kEnum, kMessage, kTime, kObject, kMessages, kStrings, kText };

struct Type;

// A field, with what stands before its value.
struct Column {
  const FieldDescriptor* field = nullptr;
  FieldDescriptor::CppType kind = FieldDescriptor::CPPTYPE_STRING;
  bool has_presence = false;
  std::string key;
  Form form = Form::kValue;
  // Of messages.
  const Type* type = nullptr;
  // Of an enum: its values' JSON by number, as far as they follow each other from 0.
  std::vector<std::string> values;
};

// A message's fields in their order.
struct Type {
  const Reflection* fields = nullptr;
  std::vector<Column> columns;
};

const Type& TypeOf(const google::protobuf::Descriptor& descriptor);

Form FormOf(const FieldDescriptor& field) {
  // What readers would take for a list of nulls (see row_json.h).
  if (IsTextList(field)) return Form::kText;
  const bool is_message = field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
  // Rows repeat messages and strings only; other repeated fields would be added here with the first proto that has one.
  if (field.is_repeated()) return is_message ? Form::kMessages : Form::kStrings;
  if (is_message && field.message_type() == google::protobuf::Timestamp::descriptor()) return Form::kTime;
  if (is_message && field.message_type() == google::protobuf::Struct::descriptor()) return Form::kObject;
  if (is_message) return Form::kMessage;
  return field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM ? Form::kEnum : Form::kValue;
}

std::string EnumJson(const google::protobuf::EnumDescriptor& type, int value) {
  return "\"" + EnumText(type, value) + "\"";
}

Column ColumnOf(const FieldDescriptor& field) {
  Column column;
  column.field = &field;
  column.kind = field.cpp_type();
  column.has_presence = field.has_presence();
  column.form = FormOf(field);
  AppendKey(field.name(), field.index() == 0, &column.key);
  if (column.form == Form::kMessage || column.form == Form::kMessages || column.form == Form::kText) {
    column.type = &TypeOf(*field.message_type());
  } else if (column.form == Form::kEnum) {
    const auto& type = *field.enum_type();
    for (int value = 0; type.FindValueByNumber(value) != nullptr; ++value)
      column.values.push_back(EnumJson(type, value));
  }
  return column;
}

// Made once per thread, as rows are many: what protobuf finds out about a field each time takes longer than its text.
const Type& TypeOf(const google::protobuf::Descriptor& descriptor) {
  thread_local absl::node_hash_map<const google::protobuf::Descriptor*, Type> types;
  const auto [found, added] = types.try_emplace(&descriptor);
  Type& type = found->second;
  if (!added) return type;
  type.fields = google::protobuf::MessageFactory::generated_factory()->GetPrototype(&descriptor)->GetReflection();
  for (int i = 0; i < descriptor.field_count(); ++i) type.columns.push_back(ColumnOf(*descriptor.field(i)));
  return type;
}

void AppendEnum(const Column& column, int value, std::string* json) {
  if (value >= 0 && static_cast<size_t>(value) < column.values.size()) {
    json->append(column.values[static_cast<size_t>(value)]);
  } else {
    json->append(EnumJson(*column.field->enum_type(), value));
  }
}

void AppendScalar(const Message& message, const Reflection& fields, const Column& column, std::string* json) {
  const FieldDescriptor* const field = column.field;
  std::string scratch;
  switch (column.kind) {
    case FieldDescriptor::CPPTYPE_STRING:
      return AppendJsonString(fields.GetStringReference(message, field, &scratch), json);
    case FieldDescriptor::CPPTYPE_UINT32:
      return AppendNumber(fields.GetUInt32(message, field), json);
    case FieldDescriptor::CPPTYPE_UINT64:
      return AppendNumber(fields.GetUInt64(message, field), json);
    case FieldDescriptor::CPPTYPE_INT32:
      return AppendNumber(fields.GetInt32(message, field), json);
    case FieldDescriptor::CPPTYPE_INT64:
      return AppendNumber(fields.GetInt64(message, field), json);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return AppendDouble(fields.GetDouble(message, field), json);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return AppendDouble(fields.GetFloat(message, field), json);
    case FieldDescriptor::CPPTYPE_BOOL:
      json->append(fields.GetBool(message, field) ? "true" : "false");
      return;
    // Forms of their own.
    case FieldDescriptor::CPPTYPE_ENUM:
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return;
  }
}

void AppendMessage(const Message& message, const Type& type, std::string* json);

void AppendMessages(const Message& message, const Reflection& fields, const Column& column, std::string* json) {
  json->push_back('[');
  for (int i = 0; i < fields.FieldSize(message, column.field); ++i) {
    if (i > 0) json->push_back(',');
    AppendMessage(fields.GetRepeatedMessage(message, column.field, i), *column.type, json);
  }
  json->push_back(']');
}

void AppendStrings(const Message& message, const Reflection& fields, const Column& column, std::string* json) {
  json->push_back('[');
  std::string scratch;
  for (int i = 0; i < fields.FieldSize(message, column.field); ++i) {
    if (i > 0) json->push_back(',');
    AppendJsonString(fields.GetRepeatedStringReference(message, column.field, i, &scratch), json);
  }
  json->push_back(']');
}

void AppendColumn(const Message& message, const Reflection& fields, const Column& column, std::string* json) {
  json->append(column.key);
  const FieldDescriptor* const field = column.field;
  if (column.has_presence && !fields.HasField(message, field)) {
    json->append("null");
    return;
  }
  switch (column.form) {
    case Form::kValue:
      return AppendScalar(message, fields, column, json);
    case Form::kEnum:
      return AppendEnum(column, fields.GetEnumValue(message, field), json);
    case Form::kMessage:
      return AppendMessage(fields.GetMessage(message, field), *column.type, json);
    case Form::kTime:
      return AppendTimestamp(static_cast<const google::protobuf::Timestamp&>(fields.GetMessage(message, field)), json);
    case Form::kObject:
      return AppendStruct(static_cast<const google::protobuf::Struct&>(fields.GetMessage(message, field)), json);
    case Form::kMessages:
      return AppendMessages(message, fields, column, json);
    case Form::kStrings:
      return AppendStrings(message, fields, column, json);
    case Form::kText: {
      std::string list;
      if (fields.FieldSize(message, field) > 0) AppendMessages(message, fields, column, &list);
      return AppendJsonString(list, json);
    }
  }
}

void AppendMessage(const Message& message, const Type& type, std::string* json) {
  json->push_back('{');
  for (const Column& column : type.columns) AppendColumn(message, *type.fields, column, json);
  json->push_back('}');
}

}  // namespace

void AppendStructJson(const google::protobuf::Struct& object, std::string* json) { AppendStruct(object, json); }

void AppendRowJson(const Message& row, std::string* json) { AppendMessage(row, TypeOf(*row.GetDescriptor()), json); }

bool IsTextList(const google::protobuf::FieldDescriptor& field) {
  return field.is_repeated() && field.message_type() != nullptr && field.message_type()->name() == "FailedAttempt";
}

std::string RowBeginning(std::string_view id) {
  std::string beginning = "{\"id\":";
  AppendJsonString(id, &beginning);
  // The id may go on.
  beginning.pop_back();
  return beginning;
}

}  // namespace quern::dataset

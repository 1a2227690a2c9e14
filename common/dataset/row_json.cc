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
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/timestamp.pb.h"

namespace quern::dataset {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

void AppendMessage(const Message& message, std::string* json);

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

void AppendAny(const Message& message, std::string* json) {
  if (const auto* object = dynamic_cast<const google::protobuf::Struct*>(&message)) return AppendStruct(*object, json);
  if (const auto* time = dynamic_cast<const google::protobuf::Timestamp*>(&message))
    return AppendTimestamp(*time, json);
  AppendMessage(message, json);
}

void AppendEnum(const FieldDescriptor& field, int value, std::string* json) {
  json->push_back('"');
  json->append(EnumText(*field.enum_type(), value));
  json->push_back('"');
}

void AppendSingle(const Message& message, const Reflection& fields, const FieldDescriptor* field, std::string* json) {
  if (field->has_presence() && !fields.HasField(message, field)) {
    json->append("null");
    return;
  }
  std::string scratch;
  switch (field->cpp_type()) {
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
    case FieldDescriptor::CPPTYPE_ENUM:
      return AppendEnum(*field, fields.GetEnumValue(message, field), json);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return AppendAny(fields.GetMessage(message, field), json);
  }
}

// Rows repeat messages and strings only; other repeated fields would be added here with the first proto that has one.
void AppendRepeated(const Message& message, const Reflection& fields, const FieldDescriptor* field, std::string* json) {
  json->push_back('[');
  std::string scratch;
  for (int i = 0; i < fields.FieldSize(message, field); ++i) {
    if (i > 0) json->push_back(',');
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      AppendAny(fields.GetRepeatedMessage(message, field, i), json);
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      AppendJsonString(fields.GetRepeatedStringReference(message, field, i, &scratch), json);
    }
  }
  json->push_back(']');
}

// What readers would take for a list of nulls (see row_json.h).
void AppendAsText(const Message& message, const Reflection& fields, const FieldDescriptor* field, std::string* json) {
  std::string list;
  if (fields.FieldSize(message, field) > 0) AppendRepeated(message, fields, field, &list);
  AppendJsonString(list, json);
}

// A field, and what stands before its value.
struct Column {
  const FieldDescriptor* field;
  std::string key;
  bool text_list;
};

// Of a type, in its order: made once per thread, as rows are many.
const std::vector<Column>& ColumnsOf(const google::protobuf::Descriptor& type) {
  thread_local absl::node_hash_map<const google::protobuf::Descriptor*, std::vector<Column>> by_type;
  std::vector<Column>& columns = by_type[&type];
  for (int i = static_cast<int>(columns.size()); i < type.field_count(); ++i) {
    std::string key;
    AppendKey(type.field(i)->name(), i == 0, &key);
    columns.push_back({type.field(i), std::move(key), IsTextList(*type.field(i))});
  }
  return columns;
}

void AppendMessage(const Message& message, std::string* json) {
  const Reflection& fields = *message.GetReflection();
  json->push_back('{');
  for (const auto& [field, key, text_list] : ColumnsOf(*message.GetDescriptor())) {
    json->append(key);
    if (text_list) {
      AppendAsText(message, fields, field, json);
    } else if (field->is_repeated()) {
      AppendRepeated(message, fields, field, json);
    } else {
      AppendSingle(message, fields, field, json);
    }
  }
  json->push_back('}');
}

}  // namespace

void AppendStructJson(const google::protobuf::Struct& object, std::string* json) { AppendStruct(object, json); }

void AppendRowJson(const Message& row, std::string* json) { AppendMessage(row, json); }

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

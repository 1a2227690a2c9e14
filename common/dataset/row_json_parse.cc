#include <simdjson.h>

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "common/base/absl_view.h"
#include "common/base/enum_text.h"
#include "common/base/error.h"
#include "common/dataset/json_text.h"
#include "common/dataset/row_json.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/timestamp.pb.h"

namespace quern::dataset {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using simdjson::dom::element;

absl::Status Invalid(std::string_view what) {
  return MakeError(absl::StatusCode::kInvalidArgument, "INVALID_ROW", what);
}

absl::Status ParseMessage(element json, Message* message);

void ParseValue(element json, google::protobuf::Value* value) {
  switch (json.type()) {
    case simdjson::dom::element_type::OBJECT:
      value->mutable_struct_value();
      for (const auto field : simdjson::dom::object(json)) {
        ParseValue(field.value, &(*value->mutable_struct_value()->mutable_fields())[std::string(field.key)]);
      }
      break;
    case simdjson::dom::element_type::ARRAY:
      value->mutable_list_value();
      for (const auto item : simdjson::dom::array(json)) ParseValue(item, value->mutable_list_value()->add_values());
      break;
    case simdjson::dom::element_type::STRING:
      value->set_string_value(std::string(std::string_view(json)));
      break;
    case simdjson::dom::element_type::BOOL:
      value->set_bool_value(bool(json));
      break;
    case simdjson::dom::element_type::NULL_VALUE:
      value->set_null_value(google::protobuf::NULL_VALUE);
      break;
    default:
      value->set_number_value(double(json));
  }
}

absl::Status ParseStruct(element json, google::protobuf::Struct* object) {
  if (!json.is_object()) return Invalid("metadata is not an object");
  for (const auto field : simdjson::dom::object(json)) {
    ParseValue(field.value, &(*object->mutable_fields())[std::string(field.key)]);
  }
  return absl::OkStatus();
}

absl::Status ParseTimestamp(element json, google::protobuf::Timestamp* timestamp) {
  std::string_view text;
  absl::Time time;
  std::string error;
  if (json.get(text) != simdjson::SUCCESS || !absl::ParseTime(absl::RFC3339_full, AbslView(text), &time, &error)) {
    return Invalid("a time is not RFC 3339");
  }
  timestamp->set_seconds(absl::ToUnixSeconds(time));
  timestamp->set_nanos(
      static_cast<int32_t>((time - absl::FromUnixSeconds(timestamp->seconds())) / absl::Nanoseconds(1)));
  return absl::OkStatus();
}

absl::Status ParseAny(element json, Message* message) {
  if (auto* object = dynamic_cast<google::protobuf::Struct*>(message)) return ParseStruct(json, object);
  if (auto* time = dynamic_cast<google::protobuf::Timestamp*>(message)) return ParseTimestamp(json, time);
  return ParseMessage(json, message);
}

// Reads a JSON value of one C++ type or returns the error from the calling function.
template <typename T>
absl::StatusOr<T> Get(element json, const FieldDescriptor* field) {
  T value{};
  if (json.get(value) == simdjson::SUCCESS) return value;
  return Invalid(absl::StrFormat("field \"%s\" is of the wrong type", field->name()));
}

absl::Status ParseSingle(element json, const FieldDescriptor* field, const Reflection& fields, Message* message) {
  if (json.is_null()) return absl::OkStatus();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      QUERN_ASSIGN_OR_RETURN(const auto text, Get<std::string_view>(json, field));
      fields.SetString(message, field, std::string(text));
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_UINT32: {
      QUERN_ASSIGN_OR_RETURN(const auto number, Get<uint64_t>(json, field));
      fields.SetUInt32(message, field, static_cast<uint32_t>(number));
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_UINT64: {
      QUERN_ASSIGN_OR_RETURN(const auto number, Get<uint64_t>(json, field));
      fields.SetUInt64(message, field, number);
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_INT32: {
      QUERN_ASSIGN_OR_RETURN(const auto number, Get<int64_t>(json, field));
      fields.SetInt32(message, field, static_cast<int32_t>(number));
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_INT64: {
      QUERN_ASSIGN_OR_RETURN(const auto number, Get<int64_t>(json, field));
      fields.SetInt64(message, field, number);
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_DOUBLE: {
      QUERN_ASSIGN_OR_RETURN(const auto number, Get<double>(json, field));
      fields.SetDouble(message, field, number);
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_FLOAT: {
      QUERN_ASSIGN_OR_RETURN(const auto number, Get<double>(json, field));
      fields.SetFloat(message, field, static_cast<float>(number));
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_BOOL: {
      QUERN_ASSIGN_OR_RETURN(const auto truth, Get<bool>(json, field));
      fields.SetBool(message, field, truth);
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_ENUM: {
      QUERN_ASSIGN_OR_RETURN(const auto text, Get<std::string_view>(json, field));
      const auto value = EnumValue(*field->enum_type(), text);
      if (!value) return Invalid(absl::StrFormat("field \"%s\" has an unknown value", field->name()));
      fields.SetEnumValue(message, field, *value);
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return ParseAny(json, fields.MutableMessage(message, field));
  }
  return Invalid("unknown type");
}

absl::Status ParseRepeated(element json, const FieldDescriptor* field, const Reflection& fields, Message* message) {
  QUERN_ASSIGN_OR_RETURN(const auto items, Get<simdjson::dom::array>(json, field));
  for (const element item : items) {
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      QUERN_RETURN_IF_ERROR(ParseAny(item, fields.AddMessage(message, field)));
    } else {
      QUERN_ASSIGN_OR_RETURN(const auto text, Get<std::string_view>(item, field));
      fields.AddString(message, field, std::string(text));
    }
  }
  return absl::OkStatus();
}

absl::Status ParseAsText(element json, const FieldDescriptor* field, const Reflection& fields, Message* message) {
  QUERN_ASSIGN_OR_RETURN(const auto text, Get<std::string_view>(json, field));
  if (text.empty()) return absl::OkStatus();
  // The thread's own parser holds the row.
  simdjson::dom::parser parser;
  element list;
  if (parser.parse(simdjson::padded_string(text)).get(list) != simdjson::SUCCESS) {
    return Invalid(absl::StrFormat("field \"%s\" is no JSON", field->name()));
  }
  return ParseRepeated(list, field, fields, message);
}

absl::Status ParseField(element json, const FieldDescriptor* field, const Reflection& fields, Message* message) {
  if (IsTextList(*field)) return ParseAsText(json, field, fields, message);
  return field->is_repeated() ? ParseRepeated(json, field, fields, message) : ParseSingle(json, field, fields, message);
}

absl::Status ParseMessage(element json, Message* message) {
  simdjson::dom::object object;
  if (json.get(object) != simdjson::SUCCESS) return Invalid("not an object where a message belongs");
  const google::protobuf::Descriptor& type = *message->GetDescriptor();
  for (const auto member : object) {
    const FieldDescriptor* const field = type.FindFieldByName(std::string(member.key));
    if (field == nullptr) return Invalid(absl::StrFormat("unknown field \"%s\"", member.key));
    QUERN_RETURN_IF_ERROR(ParseField(member.value, field, *message->GetReflection(), message));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ParseRowJson(std::string_view line, Message* row) {
  thread_local simdjson::dom::parser parser;
  row->Clear();
  element root;
  const simdjson::error_code error = parser.parse(line.data(), line.size(), false).get(root);
  if (error != simdjson::SUCCESS) {
    const auto diagnosis = DiagnoseJson(line);
    return Invalid(diagnosis ? absl::StrFormat("byte %d of the line: %s", diagnosis->offset + 1, diagnosis->cause)
                             : "the line is not JSON in UTF-8");
  }
  return ParseMessage(root, row);
}

}  // namespace quern::dataset

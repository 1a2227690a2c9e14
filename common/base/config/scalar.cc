#include "common/base/config/scalar.h"

#include <charconv>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/absl_view.h"
#include "common/base/config/units.h"
#include "google/protobuf/duration.pb.h"

namespace quern::config {
namespace {

using google::protobuf::Duration;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

bool IsDuration(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && field.message_type() == Duration::descriptor();
}

std::string Unexpected(std::string_view expected, std::string_view text) {
  return absl::StrFormat("expects %s, not \"%s\"", expected, text);
}

template <typename T>
std::optional<T> ParseNumber(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

// What a plain YAML scalar is besides a string, or null for a string.
const char* PlainType(std::string_view text) {
  if (text == "true" || text == "false") return "a boolean";
  if (ParseNumber<double>(text)) return "a number";
  return nullptr;
}

// Applies `set` for a singular field and `add` for a repeated one.
#define QUERN_ASSIGN(Kind, value) \
  (field.is_repeated() ? reflection.Add##Kind(message, &field, value) : reflection.Set##Kind(message, &field, value))

template <typename T>
std::optional<T> ParseInteger(std::string_view text, const FieldDescriptor& field) {
  if (!HoldsBytes(field)) return ParseNumber<T>(text);
  const auto bytes = ParseBytes(text);
  if (!bytes || !std::in_range<T>(*bytes)) return std::nullopt;
  return static_cast<T>(*bytes);
}

template <typename T>
std::string ExpectedInteger(const FieldDescriptor& field) {
  if (HoldsBytes(field)) return "a size such as 64MiB";
  return std::is_unsigned_v<T> ? absl::StrFormat("a whole number from 0 to %d", std::numeric_limits<T>::max())
                               : std::string("a whole number");
}

std::optional<std::string> AssignEnum(std::string_view text, const FieldDescriptor& field, Message* message) {
  const google::protobuf::EnumDescriptor& type = *field.enum_type();
  std::string prefix;
  for (const char c : type.name()) {
    if (absl::ascii_isupper(static_cast<unsigned char>(c)) && !prefix.empty()) prefix += '_';
    prefix += absl::ascii_toupper(static_cast<unsigned char>(c));
  }
  prefix += '_';
  std::string names;
  for (int i = 0; i < type.value_count(); ++i) {
    const google::protobuf::EnumValueDescriptor& value = *type.value(i);
    const std::string short_name =
        absl::StartsWith(value.name(), prefix) ? value.name().substr(prefix.size()) : value.name();
    if (absl::EqualsIgnoreCase(AbslView(text), short_name) || AbslView(text) == value.name()) {
      const google::protobuf::Reflection& reflection = *message->GetReflection();
      QUERN_ASSIGN(Enum, &value);
      return std::nullopt;
    }
    if (value.number() != 0) absl::StrAppend(&names, names.empty() ? "" : ", ", absl::AsciiStrToLower(short_name));
  }
  return Unexpected(absl::StrCat("one of ", names), text);
}

std::optional<std::string> AssignString(std::string_view text, Form form, const FieldDescriptor& field,
                                        Message* message) {
  if (form == Form::kPlain) {
    if (const char* type = PlainType(text)) {
      return absl::StrFormat("expects a string, but %s is %s: put it in quotes", text, type);
    }
  }
  const google::protobuf::Reflection& reflection = *message->GetReflection();
  QUERN_ASSIGN(String, std::string(text));
  return std::nullopt;
}

std::optional<std::string> AssignDuration(std::string_view text, const FieldDescriptor& field, Message* message) {
  const auto duration = ParseDuration(text);
  if (!duration) return Unexpected("a duration such as 30s or 500ms", text);
  const google::protobuf::Reflection& reflection = *message->GetReflection();
  Message* target =
      field.is_repeated() ? reflection.AddMessage(message, &field) : reflection.MutableMessage(message, &field);
  absl::Duration rest;
  auto* proto = google::protobuf::DynamicCastToGenerated<Duration>(target);
  proto->set_seconds(absl::IDivDuration(*duration, absl::Seconds(1), &rest));
  proto->set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(rest)));
  return std::nullopt;
}

}  // namespace

bool HoldsBytes(const FieldDescriptor& field) { return absl::StrContains(field.name() + "_", "_bytes_"); }

bool IsBlock(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !IsDuration(field);
}

std::optional<std::string> AssignScalar(std::string_view text, Form form, const FieldDescriptor& field,
                                        Message* message) {
  const google::protobuf::Reflection& reflection = *message->GetReflection();
#define QUERN_ASSIGN_INTEGER(Kind, Type)                               \
  {                                                                    \
    const auto value = ParseInteger<Type>(text, field);                \
    if (!value) return Unexpected(ExpectedInteger<Type>(field), text); \
    QUERN_ASSIGN(Kind, *value);                                        \
    return std::nullopt;                                               \
  }
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      QUERN_ASSIGN_INTEGER(Int32, int32_t)
    case FieldDescriptor::CPPTYPE_INT64:
      QUERN_ASSIGN_INTEGER(Int64, int64_t)
    case FieldDescriptor::CPPTYPE_UINT32:
      QUERN_ASSIGN_INTEGER(UInt32, uint32_t)
    case FieldDescriptor::CPPTYPE_UINT64:
      QUERN_ASSIGN_INTEGER(UInt64, uint64_t)
    case FieldDescriptor::CPPTYPE_FLOAT:
    case FieldDescriptor::CPPTYPE_DOUBLE: {
      const auto value = ParseNumber<double>(text);
      if (!value || !std::isfinite(*value)) return Unexpected("a number", text);
      if (field.cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE) {
        QUERN_ASSIGN(Double, *value);
      } else {
        QUERN_ASSIGN(Float, static_cast<float>(*value));
      }
      return std::nullopt;
    }
    case FieldDescriptor::CPPTYPE_BOOL:
      if (form == Form::kQuoted || (text != "true" && text != "false")) return Unexpected("true or false", text);
      QUERN_ASSIGN(Bool, text == "true");
      return std::nullopt;
    case FieldDescriptor::CPPTYPE_ENUM:
      return AssignEnum(text, field, message);
    case FieldDescriptor::CPPTYPE_STRING:
      return AssignString(text, form, field, message);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return IsDuration(field) ? AssignDuration(text, field, message) : Unexpected("a block of fields", text);
  }
  return "has a type that configurations do not use";
#undef QUERN_ASSIGN_INTEGER
}

std::string ScalarText(const Message& message, const FieldDescriptor& field) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection.GetBool(message, &field) ? "true" : "false";
    case FieldDescriptor::CPPTYPE_ENUM:
      return reflection.GetEnum(message, &field)->name();
    case FieldDescriptor::CPPTYPE_STRING:
      return reflection.GetString(message, &field);
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      const auto value = NumericValue(message, field);
      return value ? DurationText(absl::Seconds(*value)) : message.ShortDebugString();
    }
    case FieldDescriptor::CPPTYPE_UINT64:
      if (HoldsBytes(field)) return BytesText(reflection.GetUInt64(message, &field));
      return absl::StrCat(reflection.GetUInt64(message, &field));
    default:
      return absl::StrCat(NumericValue(message, field).value_or(0));
  }
}

std::optional<double> NumericValue(const Message& message, const FieldDescriptor& field) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection.GetInt32(message, &field);
    case FieldDescriptor::CPPTYPE_INT64:
      return static_cast<double>(reflection.GetInt64(message, &field));
    case FieldDescriptor::CPPTYPE_UINT32:
      return reflection.GetUInt32(message, &field);
    case FieldDescriptor::CPPTYPE_UINT64:
      return static_cast<double>(reflection.GetUInt64(message, &field));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return reflection.GetFloat(message, &field);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return reflection.GetDouble(message, &field);
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      if (!IsDuration(field)) return std::nullopt;
      const auto* duration =
          google::protobuf::DynamicCastToGenerated<Duration>(&reflection.GetMessage(message, &field));
      return static_cast<double>(duration->seconds()) + duration->nanos() * 1e-9;
    }
    default:
      return std::nullopt;
  }
}

#undef QUERN_ASSIGN

}  // namespace quern::config

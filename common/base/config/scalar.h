#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace quern::config {

// Single values of a message's fields as text. A google.protobuf.Duration counts as a single value.

// How the text was written.
enum class Form {
  // A plain YAML scalar: its look tells its type, so `yes: 12` is a number.
  kPlain,
  // Quoted: a string, whatever it looks like.
  kQuoted,
  // A command line or an environment variable, where everything is text.
  kUntyped,
};

// True for fields whose values are blocks of further fields.
bool IsBlock(const google::protobuf::FieldDescriptor& field);

// True for counts of bytes, which carry units: "_bytes" is one of the words of the field's name.
bool HoldsBytes(const google::protobuf::FieldDescriptor& field);

// Sets the singular field, or adds to the repeated one. Returns what is wrong, or nullopt when it was set.
std::optional<std::string> AssignScalar(std::string_view text, Form form,
                                        const google::protobuf::FieldDescriptor& field,
                                        google::protobuf::Message* message);

// The value of a singular field as a person would write it.
std::string ScalarText(const google::protobuf::Message& message, const google::protobuf::FieldDescriptor& field);

// The value of a singular numeric or Duration field, durations in seconds. Nullopt for other types.
std::optional<double> NumericValue(const google::protobuf::Message& message,
                                   const google::protobuf::FieldDescriptor& field);

}  // namespace quern::config

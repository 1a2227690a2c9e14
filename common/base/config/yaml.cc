#include "common/base/config/yaml.h"

#include <yaml-cpp/yaml.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/config/fields.h"
#include "common/base/config/scalar.h"

namespace quern::config {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Walks one YAML document along a message's fields. Thread-compatible.
class Merger {
 public:
  Merger(Faults* faults, const OnSet& on_set) : faults_(faults), on_set_(on_set) {}

  void MergeBlock(const YAML::Node& node, const std::string& path, Message* message) {
    if (node.IsNull()) return;
    if (!node.IsMap()) return Fault(path, node, "expects a block of fields");
    std::set<std::string> seen;
    for (const auto& pair : node) {
      if (!pair.first.IsScalar()) {
        Fault(path, pair.first, "has a key that is no word");
        continue;
      }
      const std::string& name = pair.first.Scalar();
      const std::string inner = path.empty() ? name : absl::StrCat(path, ".", name);
      const FieldDescriptor* field = message->GetDescriptor()->FindFieldByName(name);
      if (field == nullptr) {
        Fault(inner, pair.first, UnknownField(*message->GetDescriptor(), name));
      } else if (!seen.insert(name).second) {
        Fault(inner, pair.first, "is given twice");
      } else {
        MergeField(pair.second, inner, *field, message);
      }
    }
  }

  void MergeField(const YAML::Node& node, const std::string& path, const FieldDescriptor& field, Message* message) {
    if (node.IsNull()) return;
    if (field.is_map()) return MergeMap(node, path, field, message);
    if (field.is_repeated()) return MergeList(node, path, field, message);
    MergeValue(node, path, field, message);
  }

 private:
  // One value: of a singular field, or one more of a repeated one.
  void MergeValue(const YAML::Node& node, const std::string& path, const FieldDescriptor& field, Message* message) {
    if (IsBlock(field)) {
      const google::protobuf::Reflection& reflection = *message->GetReflection();
      return MergeBlock(
          node, path,
          field.is_repeated() ? reflection.AddMessage(message, &field) : reflection.MutableMessage(message, &field));
    }
    if (!node.IsScalar()) return Fault(path, node, "expects a single value");
    const Form form = node.Tag() == "!" ? Form::kQuoted : Form::kPlain;
    if (const auto error = AssignScalar(node.Scalar(), form, field, message)) return Fault(path, node, *error);
    if (on_set_) on_set_(path);
  }

  void MergeList(const YAML::Node& node, const std::string& path, const FieldDescriptor& field, Message* message) {
    if (!node.IsSequence()) return Fault(path, node, "expects a list: [a, b]");
    message->GetReflection()->ClearField(message, &field);
    for (size_t i = 0; i < node.size(); ++i) MergeValue(node[i], absl::StrCat(path, "[", i, "]"), field, message);
  }

  void MergeMap(const YAML::Node& node, const std::string& path, const FieldDescriptor& field, Message* message) {
    if (!node.IsMap()) return Fault(path, node, "expects a block of names and values");
    message->GetReflection()->ClearField(message, &field);
    for (const auto& pair : node) {
      if (!pair.first.IsScalar()) {
        Fault(path, pair.first, "has a key that is no word");
        continue;
      }
      Message* entry = message->GetReflection()->AddMessage(message, &field);
      const std::string inner = absl::StrCat(path, ".", pair.first.Scalar());
      const FieldDescriptor& key = *field.message_type()->map_key();
      if (const auto error = AssignScalar(pair.first.Scalar(), Form::kUntyped, key, entry)) {
        Fault(inner, pair.first, *error);
      }
      MergeField(pair.second, inner, *field.message_type()->map_value(), entry);
    }
  }

  void Fault(const std::string& path, const YAML::Node& node, std::string_view message) {
    faults_->Add(path, node.Mark().is_null() ? std::string(message)
                                             : absl::StrFormat("%s (line %d)", message, node.Mark().line + 1));
  }

  Faults* const faults_;
  const OnSet& on_set_;
};

// The first document of `text`; null and a fault when it is not YAML.
YAML::Node Parse(std::string_view text, std::string_view path, Faults* faults) {
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(std::string(text));
    if (documents.size() > 1) faults->Add(path, "expects one YAML document, not several");
    return documents.empty() ? YAML::Node() : documents.front();
  } catch (const YAML::Exception& error) {
    faults->Add(path, absl::StrFormat("is not YAML: %s (line %d)", error.msg, error.mark.line + 1));
    return YAML::Node();
  }
}

}  // namespace

void MergeYaml(std::string_view yaml, Message* message, Faults* faults, const OnSet& on_set) {
  const YAML::Node root = Parse(yaml, "", faults);
  if (!faults->empty() && root.IsNull()) return;
  Merger(faults, on_set).MergeBlock(root, "", message);
}

void SetField(std::string_view path, std::string_view value, Message* message, Faults* faults) {
  const auto place = FindField(path, message, faults);
  if (!place) return;
  if (place->field->is_repeated() || IsBlock(*place->field)) {
    const YAML::Node node = Parse(value, path, faults);
    Merger(faults, {}).MergeField(node, std::string(path), *place->field, place->message);
  } else if (const auto error = AssignScalar(value, Form::kUntyped, *place->field, place->message)) {
    faults->Add(path, *error);
  }
}

}  // namespace quern::config

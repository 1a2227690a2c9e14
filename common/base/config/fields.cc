#include "common/base/config/fields.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/absl_view.h"
#include "common/base/config/scalar.h"
#include "common/base/near_name.h"

namespace quern::config {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

void VisitLeaves(const Descriptor& type, const std::string& prefix,
                 const std::function<void(const std::string&, const FieldDescriptor&)>& visit) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const std::string path = absl::StrCat(prefix, field.name());
    if (IsBlock(field) && !field.is_repeated()) {
      VisitLeaves(*field.message_type(), path + ".", visit);
    } else {
      visit(path, field);
    }
  }
}

}  // namespace

std::optional<Place> FindField(std::string_view path, google::protobuf::Message* message, Faults* faults) {
  const std::vector<std::string> names = absl::StrSplit(AbslView(path), '.');
  for (size_t i = 0;; ++i) {
    const FieldDescriptor* field = message->GetDescriptor()->FindFieldByName(names[i]);
    if (field == nullptr) {
      faults->Add(path, UnknownField(*message->GetDescriptor(), names[i]));
      return std::nullopt;
    }
    if (i + 1 == names.size()) return Place{message, field};
    if (!IsBlock(*field) || field->is_repeated()) {
      faults->Add(path, absl::StrFormat("%s has no fields within", names[i]));
      return std::nullopt;
    }
    message = message->GetReflection()->MutableMessage(message, field);
  }
}

void ForEachLeaf(const Descriptor& type,
                 const std::function<void(const std::string& path, const FieldDescriptor& field)>& visit) {
  VisitLeaves(type, "", visit);
}

std::string UnknownField(const Descriptor& type, std::string_view name) {
  std::vector<std::string> known;
  for (int i = 0; i < type.field_count(); ++i) known.push_back(type.field(i)->name());
  std::string meant = NearName(name, known);
  if (meant.empty()) {
    // Of "api_key", those that say which.
    std::erase_if(known,
                  [&](const std::string& field) { return field.rfind(absl::StrCat(AbslView(name), "_"), 0) != 0; });
    meant = absl::StrJoin(known, " or ");
  }
  if (meant.empty()) return "is unknown";
  return absl::StrFormat("is unknown; did you mean %s?", meant);
}

}  // namespace quern::config

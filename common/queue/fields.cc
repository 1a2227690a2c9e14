#include "common/queue/fields.h"

#include "absl/strings/numbers.h"
#include "common/base/absl_view.h"

namespace quern::queue {

std::map<std::string, std::string> FieldsOf(const Reply& reply) {
  std::map<std::string, std::string> fields;
  for (size_t i = 0; i + 1 < reply.array.size(); i += 2) fields[reply.array[i].string] = reply.array[i + 1].string;
  return fields;
}

int64_t NumberOf(std::string_view text) {
  int64_t number = 0;
  return absl::SimpleAtoi(AbslView(text), &number) ? number : 0;
}

int64_t NumberOf(const Reply& reply) {
  return reply.type == Reply::Type::kInteger ? reply.integer : NumberOf(std::string_view(reply.string));
}

int64_t WrittenMs(std::string_view entry_id) { return NumberOf(entry_id.substr(0, entry_id.find('-'))); }

}  // namespace quern::queue

#include "services/persona/builtin.h"

#include <spdlog/spdlog.h>

#include <cstdlib>
#include <string>

#include "absl/strings/str_format.h"
#include "common/base/hash.h"
#include "services/persona/persona_data.h"

namespace quern::persona {
namespace {

// The value, on the heap for the life of the process; ends the process where there is none.
template <typename T>
const T* ValueOrAbort(absl::StatusOr<T> value) {
  if (!value.ok()) {
    spdlog::critical("embedded data is broken: {}", std::string(value.status().message()));
    std::abort();
  }
  return new T(*std::move(value));
}

}  // namespace

const DomainClassifier& BuiltinClassifier() {
  static const DomainClassifier* classifier = ValueOrAbort(DomainClassifier::FromWeights(data::kDomainWeights));
  return *classifier;
}

const Catalogue& BuiltinCatalogue() {
  static const Catalogue* catalogue = ValueOrAbort(Catalogue::FromTsv(data::kPersonas));
  return *catalogue;
}

std::string_view BuiltinVersion() {
  static const auto* version =
      new std::string(absl::StrFormat("domains-%08x", Hash64(data::kPersonas, Hash64(data::kDomainWeights)) >> 32));
  return *version;
}

}  // namespace quern::persona

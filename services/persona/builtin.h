#pragma once

#include <string_view>

#include "services/persona/catalogue.h"
#include "services/persona/domain_classifier.h"

namespace quern::persona {

// Quern's own data, embedded in the binary and read at first use. Immutable and never destroyed; thread-safe. Data that
// could not be read would be a broken build: the process ends with a message.

const DomainClassifier& BuiltinClassifier();
const Catalogue& BuiltinCatalogue();

// "domains-" and eight hexadecimal digits that change with the weights or the personas.
std::string_view BuiltinVersion();

}  // namespace quern::persona

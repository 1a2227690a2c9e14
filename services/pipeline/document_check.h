#pragma once

#include <optional>
#include <string>

#include "common/dataset/document_rules.h"
#include "common/dataset/input_limits.h"
#include "quern/v1/document.pb.h"
#include "quern/v1/pipeline.pb.h"

namespace quern::pipeline {

// Gives a document without an id its content's hash, then checks it by the rules that the corpus reader applies too: a
// client of its own need not have gone by them. UTF-8 is not checked: protobuf refuses a message whose strings are not.
std::optional<dataset::InputFault> CompleteDocument(const dataset::InputLimits& limits, v1::Document* document);

// Makes `entry` fit to be stored: a document gets its id; one that breaks a rule, and an entry with no content, becomes
// an unreadable input with its reason, which the job accepts and counts as dead. Nothing is left out.
void CompleteEntry(const dataset::InputLimits& limits, v1::IngestEntry* entry);

}  // namespace quern::pipeline

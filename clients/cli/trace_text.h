#pragma once

#include <string>

#include "quern/v1/pipeline.pb.h"

namespace quern::cli {

// A document's life, for people: each stage with its failed attempts before it, the stages that all items share once,
// then the items one after the other. Times are UTC. Pure.
std::string TraceText(const v1::TraceDocumentResponse& trace);

}  // namespace quern::cli

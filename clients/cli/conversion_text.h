#pragma once

#include <string>

#include "quern/v1/pipeline.pb.h"

namespace quern::cli {

// A converted document's way through the stages, for people: what each stage found and decided. Pure.
std::string ConversionText(const v1::ConvertDocumentResponse& response);

}  // namespace quern::cli

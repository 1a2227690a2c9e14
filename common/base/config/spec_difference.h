#pragma once

#include <string>

#include "quern/v1/job.pb.h"

namespace quern::config {

// The fields in which what two resolved specs make of documents differs (see SpecIdentity), named as in a spec's file:
// "seed, models[0].model". Of many, the first few and how many more. Empty when nothing differs.
std::string SpecDifference(const v1::JobSpec& one, const v1::JobSpec& other);

}  // namespace quern::config

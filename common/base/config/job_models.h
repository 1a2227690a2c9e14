#pragma once

#include "common/base/config/faults.h"
#include "quern/v1/job.pb.h"

namespace quern::config {

// Checks the models of a job and how its stages use them, and fills their defaults where a stage has the engine LLM.
// The stages' engines are resolved.
void ResolveModels(v1::JobSpec* spec, Faults* faults);

// Clears what a job may change while it runs, because it says how a model is reached and not what it is asked: servers,
// key, limits, price, time-outs, proxy, certificates, and what the server takes for the cap on tokens and the form of
// replies. Of a model that is asked in batches the servers stay.
void ClearAccess(v1::ModelSpec* model);

// Puts the content of the files that the stages' `prompt_file` and `fewshot_file` name, relative to `folder`, in place
// of the names: a job must not change when a file does, and its services run on other machines.
void InlineFiles(const std::string& folder, v1::JobSpec* spec, Faults* faults);

}  // namespace quern::config

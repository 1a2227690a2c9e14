#include "common/base/config/job_spec.h"

#include <algorithm>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "common/base/config/faults.h"
#include "common/base/config/file.h"
#include "common/base/config/job_models.h"
#include "common/base/config/job_rules.h"
#include "common/base/config/rules.h"
#include "common/base/config/yaml.h"
#include "common/base/error.h"
#include "common/base/hash.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"

namespace quern::config {
namespace {

constexpr char kInvalidSpec[] = "INVALID_SPEC";

// The job's engine where the stage names none.
template <typename StageSpec>
void ResolveEngine(std::string_view stage, v1::Engine of_job, StageSpec* spec, Faults* faults) {
  if (spec->engine() == v1::ENGINE_UNSPECIFIED) spec->set_engine(of_job);
  if (!v1::Engine_IsValid(spec->engine())) faults->Add(absl::StrCat(stage.data(), ".engine"), "is no engine");
}

// Rules cost nothing, and batches must fill.
bool PaysByTheCall(const v1::JobSpec& spec) {
  const auto asks = [](const auto& stage) { return stage.engine() == v1::ENGINE_LLM; };
  const auto in_batches = [](const v1::ModelSpec& model) { return model.has_batch(); };
  return (asks(spec.filter()) || asks(spec.persona()) || asks(spec.generator()) || asks(spec.verifier())) &&
         std::none_of(spec.models().begin(), spec.models().end(), in_batches);
}

// When a job has the records that it wants, what is under way is paid in vain: no more documents than could make them.
void LimitByTarget(v1::JobSpec* spec) {
  constexpr uint64_t kFewest = 16;
  if (spec->target_records() == 0 || !PaysByTheCall(*spec)) return;
  const uint64_t wanted = std::max(spec->target_records(), kFewest);
  spec->mutable_queue()->set_max_documents_held(std::min(spec->queue().max_documents_held(), wanted));
}

void Resolve(v1::JobSpec* spec, Faults* faults) {
  if (spec->engine() == v1::ENGINE_UNSPECIFIED) spec->set_engine(v1::ENGINE_EXTRACTIVE);
  if (!v1::Engine_IsValid(spec->engine())) faults->Add("engine", "is no engine");
  ResolveEngine("filter", spec->engine(), spec->mutable_filter(), faults);
  ResolveEngine("persona", spec->engine(), spec->mutable_persona(), faults);
  ResolveEngine("generator", spec->engine(), spec->mutable_generator(), faults);
  ResolveEngine("verifier", spec->engine(), spec->mutable_verifier(), faults);
  const bool says_how_many = spec->queue().has_max_documents_held();
  ApplyRules(JobRules(), spec, faults);
  if (!says_how_many) LimitByTarget(spec);
  ResolveModels(spec, faults);
  if (spec->input().text_field().empty()) faults->Add("input.text_field", "must not be empty");
}

}  // namespace

absl::StatusOr<v1::JobSpec> ParseJobSpec(std::string_view yaml) {
  v1::JobSpec spec;
  Faults faults;
  MergeYaml(yaml, &spec, &faults);
  QUERN_RETURN_IF_ERROR(faults.ToStatus(kInvalidSpec));
  return spec;
}

absl::StatusOr<v1::JobSpec> LoadJobSpec(const std::string& file,
                                        const std::vector<std::pair<std::string, std::string>>& overrides) {
  v1::JobSpec spec;
  Faults faults;
  if (!file.empty()) {
    QUERN_ASSIGN_OR_RETURN(const std::string yaml, ReadSmallFile(file));
    MergeYaml(yaml, &spec, &faults);
  }
  for (const auto& [path, value] : overrides) SetField(path, value, &spec, &faults);
  InlineFiles(std::filesystem::path(file).parent_path().string(), &spec, &faults);
  Resolve(&spec, &faults);
  QUERN_RETURN_IF_ERROR(WithContext(faults.ToStatus(kInvalidSpec), file.empty() ? "job specification" : file));
  return spec;
}

absl::StatusOr<v1::JobSpec> ResolveJobSpec(v1::JobSpec spec) {
  Faults faults;
  Resolve(&spec, &faults);
  QUERN_RETURN_IF_ERROR(faults.ToStatus(kInvalidSpec));
  return spec;
}

v1::JobSpec SpecIdentity(v1::JobSpec resolved) {
  resolved.clear_budget();
  for (v1::ModelSpec& model : *resolved.mutable_models()) ClearAccess(&model);
  return resolved;
}

std::string SpecHash(const v1::JobSpec& resolved) { return WholeSpecHash(SpecIdentity(resolved)); }

std::string WholeSpecHash(const v1::JobSpec& spec) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    spec.SerializeToCodedStream(&coded);
  }
  return ContentHash(bytes);
}

}  // namespace quern::config

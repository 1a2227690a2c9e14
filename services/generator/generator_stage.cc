#include "services/generator/generator_stage.h"

#include <utility>

#include "absl/strings/str_format.h"
#include "common/base/error.h"
#include "common/base/hash.h"
#include "services/generator/extractor.h"
#include "services/generator/model_generator_stage.h"

namespace quern::generator {
namespace {

// Documents whose candidates are kept: several workers' batches of 64.
constexpr size_t kCachedDocuments = 512;

v1::QuestionAnswer ToPair(const Candidate& candidate) {
  v1::QuestionAnswer pair;
  pair.set_question(candidate.question);
  pair.set_answer(candidate.answer);
  pair.set_answer_type(candidate.type);
  *pair.mutable_answer_span() = candidate.answer_span;
  *pair.mutable_evidence_span() = candidate.evidence_span;
  pair.set_rule(std::string(candidate.rule));
  return pair;
}

stage::Reject NoFact(v1::WorkItem item, size_t facts) {
  stage::Reject reject;
  reject.rejection.set_stage(v1::STAGE_NAME_GENERATOR);
  reject.rejection.set_reason("NO_FACT");
  reject.rejection.set_value(static_cast<double>(facts));
  reject.rejection.set_threshold(static_cast<double>(item.ordinal()) + 1);
  reject.rejection.set_message(
      absl::StrFormat("The document states %d checkable facts; question %d needs one more.", facts, item.ordinal()));
  reject.item = std::move(item);
  return reject;
}

// Tells documents apart even where two jobs or callers use one id for different content.
std::string CacheKey(const v1::Document& document) {
  return absl::StrFormat("%s/%x/%x", document.id(), Hash64(document.text()), Hash64(document.title()));
}

}  // namespace

GeneratorStage::GeneratorStage(Options options) : options_(std::move(options)), cache_(kCachedDocuments) {}

CandidateCache::Value GeneratorStage::CandidatesOf(const v1::Document& document) {
  return cache_.Get(CacheKey(document), [&] { return ExtractCandidates(document, options_); });
}

stage::Outcome GeneratorStage::Decide(const stage::StageInput& input) {
  v1::WorkItem item = input.item;
  v1::StageTrace* trace = item.add_trace();
  trace->set_stage(v1::STAGE_NAME_GENERATOR);
  trace->set_engine(v1::ENGINE_EXTRACTIVE);
  trace->set_version(std::string(kRulesVersion));
  const CandidateCache::Value candidates = CandidatesOf(*input.document);
  if (item.ordinal() >= candidates->size()) return NoFact(std::move(item), candidates->size());
  *item.mutable_question_answer() = ToPair((*candidates)[item.ordinal()]);
  stage::Advance advance;
  advance.outputs.push_back(std::move(item));
  return advance;
}

boost::asio::awaitable<stage::Outcome> GeneratorStage::Process(stage::StageInput input) {
  stage::Outcome outcome = Decide(input);
  co_return outcome;
}

absl::StatusOr<std::shared_ptr<stage::Stage>> MakeGeneratorStage(const v1::JobSpec& spec, llm::Hub* models) {
  if (spec.generator().engine() == v1::ENGINE_LLM) return ModelGeneratorStage::Make(spec, models);
  QUERN_ASSIGN_OR_RETURN(Options options, OptionsFromSpec(spec));
  return std::shared_ptr<stage::Stage>(std::make_shared<GeneratorStage>(std::move(options)));
}

}  // namespace quern::generator

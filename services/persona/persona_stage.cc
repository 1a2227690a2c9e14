#include "services/persona/persona_stage.h"

#include <utility>

#include "common/base/error.h"
#include "services/persona/builtin.h"
#include "services/persona/choice.h"
#include "services/persona/fan_out.h"
#include "services/persona/model_persona_stage.h"
#include "services/persona/spec.h"

namespace quern::persona {
namespace {

// A word of the title tells as much about the subject as this many in the text.
constexpr uint32_t kTitleWeight = 3;

stage::Outcome NoPersona(v1::WorkItem item, const std::string& message) {
  v1::Rejection rejection;
  rejection.set_stage(v1::STAGE_NAME_PERSONA);
  rejection.set_reason("NO_PERSONA");
  rejection.set_message(message);
  return stage::Reject{std::move(rejection), std::move(item)};
}

}  // namespace

PersonaStage::PersonaStage(PersonaOptions options, const DomainClassifier& classifier, Catalogue catalogue,
                           std::string version)
    : options_(options), classifier_(classifier), catalogue_(std::move(catalogue)), version_(std::move(version)) {}

boost::asio::awaitable<stage::Outcome> PersonaStage::Process(stage::StageInput input) {
  co_return Decide(*input.document, std::move(input.item));
}

stage::Outcome PersonaStage::Decide(const v1::Document& document, v1::WorkItem item) const {
  *item.add_trace() = Trace();
  WordCounts words;
  CountWords(document.text(), 1, words);
  if (words.empty()) return NoPersona(std::move(item), "the document holds no word to ask about");
  CountWords(document.title(), kTitleWeight, words);

  const size_t domain = DomainOf(words);
  item.set_domain(std::string(kDomains[domain]));
  const std::vector<CataloguePersona>& personas = catalogue_.Of(domain);
  const std::vector<size_t> chosen =
      ChoosePersonas(personas, words, document.id(), options_.seed, options_.max_personas);
  if (chosen.empty()) {
    const std::string why = "the job has no persona for the domain " + item.domain();
    return NoPersona(std::move(item), why);
  }

  std::vector<v1::Persona> asking;
  for (const size_t index : chosen) {
    v1::Persona& persona = asking.emplace_back();
    persona.set_id(personas[index].id);
    persona.set_description(personas[index].description);
  }
  return FanOut(item, asking, options_.questions_per_persona);
}

size_t PersonaStage::DomainOf(const WordCounts& words) const {
  if (options_.domain) return *options_.domain;
  const DomainGuess guess = classifier_.Classify(words);
  return guess.probability[guess.best] >= options_.min_confidence ? guess.best : kOther;
}

v1::StageTrace PersonaStage::Trace() const {
  v1::StageTrace trace;
  trace.set_stage(v1::STAGE_NAME_PERSONA);
  trace.set_engine(v1::ENGINE_EXTRACTIVE);
  trace.set_version(version_);
  return trace;
}

absl::StatusOr<std::shared_ptr<stage::Stage>> MakePersonaStage(const v1::JobSpec& spec, llm::Hub* models) {
  const v1::PersonaSpec& persona = spec.persona();
  if (persona.engine() == v1::ENGINE_LLM) return ModelPersonaStage::Make(spec, models);
  QUERN_RETURN_IF_ERROR(ValidatePersonaSpec(persona));

  PersonaOptions options;
  if (persona.has_max_personas()) options.max_personas = persona.max_personas();
  if (persona.has_min_confidence()) options.min_confidence = persona.min_confidence();
  if (!persona.domain().empty()) options.domain = DomainIndex(persona.domain());
  options.questions_per_persona = spec.generator().questions_per_persona();
  options.seed = spec.seed();
  return std::make_shared<PersonaStage>(options, BuiltinClassifier(), BuiltinCatalogue().WithJobPersonas(persona),
                                        std::string(BuiltinVersion()));
}

}  // namespace quern::persona

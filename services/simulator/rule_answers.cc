#include "services/simulator/rule_answers.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "common/base/hash.h"
#include "services/generator/extractor.h"
#include "services/persona/builtin.h"
#include "services/verifier/verifier.h"

namespace quern::simulator {
namespace {

using nlohmann::ordered_json;

constexpr size_t kReadings = 4096;

std::string_view TextOf(const v1::Document& document, const v1::Span& span) {
  return std::string_view(document.text()).substr(span.begin(), span.end() - span.begin());
}

// Which of `count` candidates the persona gets: the one of its own place among the document's personas.
size_t PlaceOf(std::string_view persona, const std::vector<std::string>& personas, size_t count) {
  const std::string wanted = Normalised(persona);
  for (size_t i = 0; i < personas.size() && !wanted.empty(); ++i) {
    // Prompts may lead a persona's description with a name, or shorten it.
    const std::string known = Normalised(personas[i]);
    if (wanted.find(known) != std::string::npos || known.find(wanted) != std::string::npos) return i;
  }
  return count == 0 ? 0 : Hash64(wanted) % count;
}

bool Passed(const verifier::Verdict& verdict, std::string_view check) {
  return std::none_of(verdict.checks.begin(), verdict.checks.end(),
                      [&](const v1::Check& c) { return c.name() == check && !c.passed(); });
}

}  // namespace

RuleAnswers::RuleAnswers(KnownAnswers& known)
    : known_(known),
      personas_(persona::PersonaOptions(), persona::BuiltinClassifier(), persona::BuiltinCatalogue(),
                std::string(persona::BuiltinVersion())),
      readings_(kReadings) {}

ordered_json RuleAnswers::Make(const Prompt& prompt, uint64_t sample) {
  switch (prompt.stage) {
    case PromptStage::kFilter:
      return Filter(prompt);
    case PromptStage::kPersona:
      return Personas(prompt);
    case PromptStage::kGenerator:
      return Question(prompt);
    case PromptStage::kVerifier:
      return Verdict(prompt);
    case PromptStage::kAnswer:
      break;
  }
  return Answer(prompt, sample);
}

RuleAnswers::ReadingPtr RuleAnswers::ReadingOf(const Prompt& prompt) {
  const uint64_t key = Hash64(prompt.document, Hash64(prompt.title, Hash64(prompt.mark)));
  {
    absl::MutexLock lock(&mutex_);
    if (const ReadingPtr* known = readings_.Find(key); known != nullptr) return *known;
  }
  // Outside of the lock: two threads may read the same document, and find the same.
  ReadingPtr reading = Read(prompt);
  absl::MutexLock lock(&mutex_);
  readings_.Put(key, reading);
  return reading;
}

RuleAnswers::ReadingPtr RuleAnswers::Read(const Prompt& prompt) const {
  auto reading = std::make_shared<Reading>();
  reading->document.set_id(std::string(prompt.mark));
  reading->document.set_title(std::string(prompt.title));
  reading->document.set_text(std::string(prompt.document));
  reading->candidates = generator::ExtractCandidates(reading->document, generator::Options());
  const stage::Outcome outcome = personas_.Decide(reading->document, v1::WorkItem());
  if (const auto* advance = std::get_if<stage::Advance>(&outcome)) {
    for (const v1::WorkItem& item : advance->outputs) {
      reading->domain = item.domain();
      reading->personas.push_back(item.persona().description());
    }
  }
  return reading;
}

ordered_json RuleAnswers::Filter(const Prompt& prompt) {
  const ReadingPtr reading = ReadingOf(prompt);
  const size_t facts = reading->candidates.size();
  // Of documents without a fact half get through, so that the generator meets some that it finds nothing in.
  const bool deep = facts > 0 || Hash64(prompt.document) % 2 == 0;
  return {{"reason", deep ? "It states facts that can be asked for." : "It states nothing that can be asked for."},
          {"informative", true},
          {"self_contained", true},
          {"deep", deep}};
}

ordered_json RuleAnswers::Personas(const Prompt& prompt) {
  const ReadingPtr reading = ReadingOf(prompt);
  const std::string domain = DomainOf(prompt, reading->personas.empty() ? "Other" : reading->domain);
  return {{"domain", domain}, {"personas", reading->personas}};
}

ordered_json RuleAnswers::Question(const Prompt& prompt) {
  const ReadingPtr reading = ReadingOf(prompt);
  // Further questions of a persona take further facts.
  const size_t place = PlaceOf(prompt.persona, reading->personas, reading->candidates.size()) +
                       prompt.which * std::max<size_t>(reading->personas.size(), 1);
  if (place >= reading->candidates.size()) return {{"question", ""}, {"answer", ""}, {"quote", ""}};
  const generator::Candidate& candidate = reading->candidates[place];
  known_.Remember(candidate.question, candidate.answer);
  return {{"question", candidate.question},
          {"answer", candidate.answer},
          {"quote", TextOf(reading->document, candidate.evidence_span)}};
}

ordered_json RuleAnswers::Verdict(const Prompt& prompt) {
  const ReadingPtr reading = ReadingOf(prompt);
  v1::QuestionAnswer pair;
  pair.set_question(std::string(prompt.question));
  pair.set_answer(std::string(prompt.answer));
  // The checks run in order and the first that fails is the last: what did not run is given the benefit of the doubt.
  const verifier::Verdict verdict = verifier::Verify(reading->document, pair, checks_);
  const bool context = Passed(verdict, "self_contained") && Passed(verdict, "well_formed");
  const bool leak = !Passed(verdict, "not_leaked");
  return {{"reason", verdict.passed ? "The document states it." : verdict.message},
          {"context", context},
          {"correct", verdict.passed || leak || !context},
          {"leak", leak}};
}

ordered_json RuleAnswers::Answer(const Prompt& prompt, uint64_t sample) {
  if (!prompt.has_document()) return {{"answer", known_.Recall(prompt.question, sample)}};
  const ReadingPtr reading = ReadingOf(prompt);
  const std::string wanted = Normalised(prompt.question);
  for (const generator::Candidate& candidate : reading->candidates) {
    if (Normalised(candidate.question) == wanted) return {{"answer", candidate.answer}};
  }
  return {{"answer", known_.Find(prompt.question)}};
}

}  // namespace quern::simulator

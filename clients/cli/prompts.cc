#include "clients/cli/prompts.h"

#include <memory>
#include <ostream>

#include "absl/strings/str_cat.h"
#include "clients/cli/console.h"
#include "clients/cli/exit_code.h"
#include "clients/cli/one_document.h"
#include "common/base/error.h"
#include "common/base/hash.h"
#include "common/stage/stage.h"
#include "services/filter/filter_stage.h"
#include "services/generator/generator_stage.h"
#include "services/persona/persona_stage.h"
#include "services/verifier/verifier_stage.h"

namespace quern::cli {
namespace {

// An item of the document as the later stages would see it: what only a model could tell stands in brackets.
v1::WorkItem ExampleItem(const v1::JobSpec& spec, const v1::Document& document) {
  v1::WorkItem item;
  item.set_document_id(document.id().empty() ? ContentHash(document.text()) : document.id());
  item.set_expanded(true);
  const v1::PersonaSpec& persona = spec.persona();
  item.set_domain(!persona.domain().empty() ? persona.domain() : "Other");
  item.mutable_persona()->set_description("[a persona]");
  item.mutable_question_answer()->set_question("[a question]");
  item.mutable_question_answer()->set_answer("[its answer]");
  return item;
}

absl::StatusOr<std::string> AllPrompts(const PromptsOptions& options) {
  QUERN_ASSIGN_OR_RETURN(const v1::JobSpec spec, LoadSpec(options.spec, StagesRun::kOnServers));
  QUERN_ASSIGN_OR_RETURN(const v1::Document document, ReadDocument(options.input, options.line, spec.input()));
  const stage::StageInput input(std::make_shared<const v1::Document>(document), ExampleItem(spec, document));
  std::string text;
  for (const auto& make : {&filter::MakeFilterStage, &persona::MakePersonaStage, &generator::MakeGeneratorStage,
                           &verifier::MakeVerifierStage}) {
    QUERN_ASSIGN_OR_RETURN(const std::shared_ptr<stage::Stage> stage, make(spec, nullptr));
    for (const stage::ShownPrompt& prompt : stage->Prompts(input)) {
      absl::StrAppend(&text, "=== ", prompt.task, ", ", prompt.version, ", to ", prompt.models, ", ",
                      prompt.text.size(), " bytes ===\n", prompt.text, "\n");
    }
  }
  if (text.empty()) text = "no stage of this job asks a model; see docs/models.md\n";
  return text;
}

}  // namespace

int Prompts(const PromptsOptions& options, const Console& console) {
  const absl::StatusOr<std::string> text = AllPrompts(options);
  if (!text.ok()) return Fail(console, "prompts", text.status());
  *console.out << *text << std::flush;
  return kExitDone;
}

}  // namespace quern::cli

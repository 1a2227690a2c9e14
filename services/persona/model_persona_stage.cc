#include "services/persona/model_persona_stage.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/error.h"
#include "common/llm/prompt.h"
#include "services/persona/domains.h"
#include "services/persona/fan_out.h"
#include "services/persona/persona_prompts.h"

namespace quern::persona {
namespace {

constexpr size_t kMostPersonaBytes = 500;

// A server that holds replies to it admits no domain but these.
std::string SchemaWith(const std::vector<std::string>& domains) {
  return absl::StrCat(R"({"type":"object","properties":{"domain":{"type":"string","enum":)",
                      nlohmann::json(domains).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace),
                      R"(},"personas":{"type":"array","items":{"type":"string"}}},)",
                      R"("required":["domain","personas"],"additionalProperties":false})");
}

struct PersonaReply {
  std::string domain;
  std::vector<std::string> personas;
};

// The taxonomy's own spelling; models write "math" for "Math".
absl::StatusOr<std::string> DomainNamed(const std::string& name, const std::vector<std::string>& domains) {
  const std::string wanted = absl::AsciiStrToLower(llm::OneLine(name));
  for (const std::string& domain : domains) {
    if (absl::AsciiStrToLower(domain) == wanted) return domain;
  }
  return MakeError(absl::StatusCode::kInvalidArgument, "SCHEMA_MISMATCH",
                   absl::StrCat("\"domain\" must be one of: ", absl::StrJoin(domains, "; ")));
}

absl::Status Read(const simdjson::dom::object& object, const std::vector<std::string>& domains, size_t most,
                  PersonaReply* reply) {
  QUERN_ASSIGN_OR_RETURN(const std::string domain, llm::StringOf(object, "domain"));
  QUERN_ASSIGN_OR_RETURN(reply->domain, DomainNamed(domain, domains));
  const auto wrong = [] {
    return MakeError(absl::StatusCode::kInvalidArgument, "SCHEMA_MISMATCH", "\"personas\" must be a list of strings");
  };
  simdjson::dom::array list;
  if (object.at_key("personas").get_array().get(list) != simdjson::SUCCESS) return wrong();
  std::set<std::string> seen;
  reply->personas.clear();
  for (const simdjson::dom::element entry : list) {
    std::string_view written;
    if (entry.get_string().get(written) != simdjson::SUCCESS) return wrong();
    std::string persona = llm::OneLine(written);
    if (persona.empty() || persona.size() > kMostPersonaBytes) continue;
    if (!seen.insert(absl::AsciiStrToLower(persona)).second) continue;
    if (reply->personas.size() < most) reply->personas.push_back(std::move(persona));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> DomainsOf(const v1::PersonaSpec& spec) {
  std::vector<std::string> domains(spec.domains().begin(), spec.domains().end());
  if (domains.empty()) domains.assign(kDomains.begin(), kDomains.end());
  std::set<std::string> seen;
  for (const std::string& domain : domains) {
    if (!domain.empty() && domain.size() <= 100 && seen.insert(absl::AsciiStrToLower(domain)).second) continue;
    return MakeError(absl::StatusCode::kInvalidArgument, "INVALID_SPEC",
                     "persona.domains: names must be different, of 1 to 100 bytes");
  }
  return domains;
}

}  // namespace

absl::StatusOr<std::shared_ptr<ModelPersonaStage>> ModelPersonaStage::Make(const v1::JobSpec& spec, llm::Hub* hub) {
  QUERN_ASSIGN_OR_RETURN(std::vector<std::string> domains, DomainsOf(spec.persona()));
  stage::ModelTaskOptions options;
  options.name = "personas";
  options.stage = v1::STAGE_NAME_PERSONA;
  options.schema = {"quern_personas", SchemaWith(domains)};
  options.prompt = prompts::kPersonas;
  options.variables = {"max_personas", "domains"};
  options.required = {"domains"};
  options.more_version = absl::StrCat(absl::StrJoin(domains, ";"), spec.persona().max_personas());
  QUERN_ASSIGN_OR_RETURN(auto task, stage::ModelTask::Make(hub, spec, spec.persona().llm(), "persona.llm", options));
  return std::shared_ptr<ModelPersonaStage>(new ModelPersonaStage(
      std::move(task), std::move(domains), spec.persona().max_personas(), spec.generator().questions_per_persona()));
}

llm::PromptTemplate::Values ModelPersonaStage::Values() const {
  return {{"max_personas", absl::StrCat(max_personas_)}, {"domains", absl::StrJoin(domains_, "; ")}};
}

std::vector<stage::ShownPrompt> ModelPersonaStage::Prompts(const stage::StageInput& input) const {
  return {task_->Show(*input.document, Values())};
}

boost::asio::awaitable<stage::Outcome> ModelPersonaStage::Process(stage::StageInput input) {
  v1::StageTrace trace = task_->Trace();
  const llm::PromptTemplate::Values values = Values();
  PersonaReply reply;
  v1::ModelReply raw;
  auto accept = [&](const simdjson::dom::object& object) { return Read(object, domains_, max_personas_, &reply); };
  auto fault = co_await task_->Ask(input, values, 0, accept, &trace, &raw);
  if (fault) co_return *std::move(fault);
  *input.item.add_trace() = std::move(trace);
  input.item.set_domain(reply.domain);
  if (reply.personas.empty()) {
    v1::Rejection rejection;
    rejection.set_stage(v1::STAGE_NAME_PERSONA);
    rejection.set_reason("NO_PERSONA");
    rejection.set_message("the model names nobody who would ask about it");
    *rejection.mutable_reply() = std::move(raw);
    co_return stage::Reject{std::move(rejection), std::move(input.item)};
  }
  std::vector<v1::Persona> personas;
  for (std::string& description : reply.personas) personas.emplace_back().set_description(std::move(description));
  co_return FanOut(input.item, personas, questions_per_persona_);
}

}  // namespace quern::persona

#include "services/generator/fewshots.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/absl_view.h"
#include "common/base/error.h"
#include "services/generator/fewshot_data.h"

namespace quern::generator {
namespace {

constexpr std::string_view kOther = "Other";
constexpr absl::string_view kWhere = "generator: the few-shots (fewshot_file, or fewshot_lines): ";

absl::Status BadLine(size_t line, std::string_view why) {
  return MakeError(absl::StatusCode::kInvalidArgument, "INVALID_SPEC",
                   absl::StrCat(kWhere, "line ", line, " ", std::string(why)));
}

// One example; `domain` is set where the line names one.
absl::StatusOr<Fewshot> ReadLine(absl::string_view text, size_t line, std::string* domain) {
  const auto object = nlohmann::json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) return BadLine(line, "is not a JSON object");
  std::string persona, document, question, answer;
  const std::pair<const char*, std::string*> fields[] = {
      {"persona", &persona}, {"document", &document}, {"question", &question}, {"answer", &answer}};
  for (const auto& [key, value] : fields) {
    const auto at = object.find(key);
    if (at == object.end() || !at->is_string() || at->get_ref<const std::string&>().empty()) {
      return BadLine(line, absl::StrCat("has no text in the field ", key));
    }
    *value = at->get<std::string>();
  }
  const auto at = object.find("domain");
  if (at != object.end() && at->is_string()) *domain = at->get<std::string>();
  const nlohmann::ordered_json reply = {{"question", question}, {"answer", answer}};
  return absl::StrCat("Document: ", document, "\nPersona: ", persona, "\n", reply.dump(), "\n\n");
}

absl::Status Add(std::string_view lines, std::string_view default_domain,
                 std::map<std::string, std::vector<Fewshot>, std::less<>>* by_domain) {
  size_t number = 0;
  for (const absl::string_view line : absl::StrSplit(AbslView(lines), '\n')) {
    ++number;
    if (line.find_first_not_of(" \t\r") == absl::string_view::npos) continue;
    std::string domain(default_domain);
    QUERN_ASSIGN_OR_RETURN(Fewshot fewshot, ReadLine(line, number, &domain));
    if (domain.empty()) return BadLine(number, "has no domain");
    (*by_domain)[domain].push_back(std::move(fewshot));
  }
  return absl::OkStatus();
}

}  // namespace

const Fewshots& Fewshots::Builtin() {
  static const Fewshots* const builtin = [] {
    auto* made = new Fewshots();
    const std::pair<std::string_view, std::string_view> files[] = {
        {"Math", data::kMath},
        {"Technology & Engineering", data::kTechnologyAndEngineering},
        {"Coding", data::kCoding},
        {"Social Science", data::kSocialScience},
        {"Natural Science", data::kNaturalScience},
        {"Travel & Lifestyle", data::kTravelAndLifestyle},
        {"Commerce & Economics", data::kCommerceAndEconomics},
        {"Medicine & Health", data::kMedicineAndHealth},
        {"Education", data::kEducation},
        {kOther, data::kOther},
    };
    for (const auto& [domain, lines] : files) {
      const absl::Status added = Add(lines, domain, &made->by_domain_);
      if (added.ok()) continue;
      spdlog::critical("embedded examples are broken: {}", std::string(added.message()));
      std::abort();
    }
    return made;
  }();
  return *builtin;
}

absl::StatusOr<Fewshots> Fewshots::FromLines(std::string_view lines, std::vector<std::string> domains) {
  if (domains.empty()) {
    for (const auto& [domain, builtin] : Builtin().by_domain_) domains.push_back(domain);
  }
  Fewshots fewshots;
  QUERN_RETURN_IF_ERROR(Add(lines, "", &fewshots.by_domain_));
  for (const auto& [domain, of_it] : fewshots.by_domain_) {
    if (domain == kOther || std::find(domains.begin(), domains.end(), domain) != domains.end()) continue;
    return MakeError(absl::StatusCode::kInvalidArgument, "INVALID_SPEC",
                     absl::StrCat(kWhere, "no document is of the domain \"", domain,
                                  "\"; the domains are: ", absl::StrJoin(domains, "; ")));
  }
  return fewshots;
}

std::vector<const Fewshot*> Fewshots::Draw(std::string_view domain, size_t count, uint64_t seed) const {
  auto at = by_domain_.find(domain);
  if (at == by_domain_.end()) at = by_domain_.find(kOther);
  std::vector<const Fewshot*> drawn;
  if (at == by_domain_.end()) return drawn;
  for (const Fewshot& fewshot : at->second) drawn.push_back(&fewshot);
  // std::shuffle differs between libraries; this does not.
  std::mt19937_64 random(seed);
  for (size_t i = 0; i + 1 < drawn.size() && i < count; ++i) {
    std::swap(drawn[i], drawn[i + random() % (drawn.size() - i)]);
  }
  drawn.resize(std::min(count, drawn.size()));
  return drawn;
}

std::string FewshotText(const std::vector<const Fewshot*>& fewshots) {
  if (fewshots.empty()) return "";
  std::string text = "\nExamples, from other documents:\n\n";
  for (const Fewshot* fewshot : fewshots) text += *fewshot;
  return text;
}

}  // namespace quern::generator

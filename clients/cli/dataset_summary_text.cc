#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "clients/cli/console.h"
#include "clients/cli/dataset_summary.h"
#include "clients/cli/job_text.h"
#include "clients/cli/job_watcher.h"
#include "clients/cli/units.h"
#include "common/dataset/row_json.h"

namespace quern::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kAnswerBytes = 200;
constexpr size_t kQuestionBytes = 400;

// {"filter": {"LANGUAGE": 3}}.
Json ByStageAndReason(const google::protobuf::RepeatedPtrField<v1::ReasonCount>& counts) {
  Json json = Json::object();
  for (const v1::ReasonCount& count : counts) json[StageText(count.stage())][count.reason()] = count.count();
  return json;
}

Json RowCounts(const dataset::Manifest& manifest) {
  return {{"records", manifest.rows(dataset::RowKind::kRecords)},
          {"rejections", manifest.rows(dataset::RowKind::kRejections)},
          {"dead_letters", manifest.rows(dataset::RowKind::kDeadLetters)}};
}

// What has ended per second, from the dataset's beginning to its last commit, pauses included.
struct Rates {
  absl::Duration lasted;
  double documents = 0;
  double records = 0;
};

Rates RatesOf(const dataset::Manifest& manifest) {
  Rates rates{manifest.written_at - manifest.created_at};
  const double seconds = absl::ToDoubleSeconds(rates.lasted);
  if (seconds <= 0) return rates;
  rates.documents =
      static_cast<double>(manifest.counts.documents().accepted() - manifest.counts.documents().in_flight()) / seconds;
  rates.records = static_cast<double>(manifest.counts.items().records()) / seconds;
  return rates;
}

Json Throughput(const dataset::Manifest& manifest) {
  const Rates rates = RatesOf(manifest);
  return {{"seconds", absl::ToDoubleSeconds(rates.lasted)},
          {"documents_per_second", rates.documents},
          {"records_per_second", rates.records}};
}

Json UsageJson(const google::protobuf::RepeatedPtrField<v1::StageUsage>& usage) {
  Json json = Json::array();
  for (const v1::StageUsage& spent : usage) {
    const v1::ModelUsage& of_model = spent.usage();
    json.push_back({{"stage", spent.stage()},
                    {"model", spent.model()},
                    {"calls", of_model.calls()},
                    {"ambiguous_calls", of_model.ambiguous_calls()},
                    {"retries", of_model.retries()},
                    {"reused_replies", of_model.reused_replies()},
                    {"input_tokens", of_model.input_tokens()},
                    {"cached_tokens", of_model.cached_tokens()},
                    {"output_tokens", of_model.output_tokens()},
                    {"cost", of_model.cost()}});
  }
  return json;
}

std::string SampleText(const v1::RecordRow& record) {
  return absl::StrFormat("  %s\n    domain   %s\n    persona  %s\n    question %s\n    answer   %s\n",
                         Printable(record.id(), kAnswerBytes), Printable(record.domain(), kAnswerBytes),
                         Printable(record.persona().description(), kQuestionBytes),
                         Printable(record.question(), kQuestionBytes), Printable(record.answer(), kAnswerBytes));
}

}  // namespace

std::string SummaryText(const DatasetSummary& summary) {
  std::string text = JobReport(summary.job);
  if (summary.job.state() == v1::JOB_STATE_PAUSED) {
    text += "not final: the run is paused, and the same command resumes it\n";
  } else if (!Ended(summary.job)) {
    text +=
        "not final: as of the last commit; the run is under way or was interrupted, and the same command resumes it\n";
  }
  const v1::DocumentCounts& documents = summary.job.counts().documents();
  absl::StrAppend(&text, "yield: ",
                  documents.accepted() == 0
                      ? "–"
                      : absl::StrFormat("%.2f", static_cast<double>(summary.job.counts().items().records()) /
                                                    static_cast<double>(documents.accepted())),
                  " records per accepted document\n");
  absl::StrAppend(&text, "files: ", summary.manifest.shards.size(), ", ", Bytes(summary.bytes), "\n");
  const Rates rates = RatesOf(summary.manifest);
  absl::StrAppend(&text, "throughput: ", Rate(rates.documents), " documents, ", Rate(rates.records), " records, over ",
                  Lasting(rates.lasted), " from its beginning to its last commit\n");
  if (!summary.samples.empty()) absl::StrAppend(&text, "sample records:\n");
  for (const v1::RecordRow& record : summary.samples) absl::StrAppend(&text, SampleText(record));
  return text;
}

std::string SummaryJson(const DatasetSummary& summary) {
  const v1::JobCounts& counts = summary.job.counts();
  const v1::DocumentCounts& documents = counts.documents();
  const v1::ItemCounts& items = counts.items();
  Json json = {{"dataset", summary.folder},
               {"job", summary.manifest.job},
               {"state", StateText(summary.job.state())},
               {"state_reason", summary.job.state_reason()},
               {"spec_hash", summary.manifest.spec_hash},
               {"quern_version", summary.manifest.quern_version},
               {"documents",
                {{"accepted", documents.accepted()},
                 {"expanded", documents.expanded()},
                 {"rejected", documents.rejected()},
                 {"dead", documents.dead()},
                 {"cancelled", documents.cancelled()},
                 {"in_flight", documents.in_flight()},
                 {"duplicates", documents.duplicates()}}},
               {"items",
                {{"created", items.created()},
                 {"records", items.records()},
                 {"rejected", items.rejected()},
                 {"dead", items.dead()},
                 {"cancelled", items.cancelled()},
                 {"in_flight", items.in_flight()}}},
               {"reconciles", Reconciles(counts)},
               {"rejections", ByStageAndReason(counts.rejections())},
               {"dead_letters", ByStageAndReason(counts.dead_letters())},
               {"domains", Json::object()},
               {"rows", RowCounts(summary.manifest)},
               {"usage", UsageJson(summary.job.usage())},
               {"bytes", summary.bytes},
               {"throughput", Throughput(summary.manifest)},
               {"samples", Json::array()}};
  for (const v1::DomainCount& domain : counts.domains()) json["domains"][domain.domain()] = domain.records();
  for (const v1::RecordRow& record : summary.samples) {
    std::string row;
    dataset::AppendRowJson(record, &row);
    json["samples"].push_back(Json::parse(row));
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace quern::cli

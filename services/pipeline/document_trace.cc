#include "services/pipeline/document_trace.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/trace_context.h"
#include "common/dataset/row_json.h"
#include "services/pipeline/job_states.h"
#include "services/pipeline/names.h"
#include "services/pipeline/row_cursor.h"
#include "services/pipeline/traced_item.h"

namespace quern::pipeline {
namespace {

// The ordinal in "{document_id}#{ordinal}"; nothing when `id` does not end so.
std::optional<uint32_t> OrdinalIn(const std::string& id, std::string* document_id) {
  const size_t hash = id.rfind('#');
  uint32_t ordinal = 0;
  if (hash == std::string::npos || hash == 0 || !absl::SimpleAtoi(id.substr(hash + 1), &ordinal)) return std::nullopt;
  // As KeyOf writes it, and no other way.
  if (id.substr(hash + 1) != absl::StrCat(ordinal)) return std::nullopt;
  *document_id = id.substr(0, hash);
  return ordinal;
}

absl::Status NoSuchDocument(const std::string& id) {
  return MakeError(absl::StatusCode::kNotFound, "NO_SUCH_DOCUMENT",
                   absl::StrCat("the job knows no document, record, rejection or dead letter with the id ", id));
}

// What Redis holds; nothing where it has forgotten the job.
absl::Status AddInFlight(Jobs& jobs, const v1::Job& job, const std::string& job_id, DocumentTrace* trace) {
  if (HasEnded(job.state())) return absl::OkStatus();
  queue::InFlight in_flight(jobs.redis(), job_id, job.spec());
  for (const std::string& document_id : trace->documents()) {
    QUERN_ASSIGN_OR_RETURN(const std::vector<queue::InFlightEntry> entries, in_flight.Find(document_id));
    if (entries.empty()) continue;
    QUERN_ASSIGN_OR_RETURN(const auto stored, in_flight.Document(document_id));
    for (const queue::InFlightEntry& entry : entries) trace->Add(entry, stored.get());
  }
  return absl::OkStatus();
}

}  // namespace

DocumentTrace::DocumentTrace(std::string job_id, std::string id) : job_id_(std::move(job_id)), id_(std::move(id)) {
  readings_.push_back({id_, "", {}});
  std::string document_id;
  if (OrdinalIn(id_, &document_id)) readings_.push_back({std::move(document_id), id_, {}});
}

std::vector<std::string> DocumentTrace::documents() const {
  std::vector<std::string> documents;
  for (const Reading& reading : readings_) documents.push_back(reading.document);
  return documents;
}

DocumentTrace::Reading* DocumentTrace::ReadingOf(const std::string& document_id) {
  const auto of = [&](const Reading& reading) { return reading.document == document_id; };
  const auto found = std::find_if(readings_.begin(), readings_.end(), of);
  return found == readings_.end() ? nullptr : &*found;
}

void DocumentTrace::Put(v1::TracedItem item, Reading* reading) {
  std::string document_id;
  const std::optional<uint32_t> ordinal =
      item.id() == reading->document ? std::nullopt : OrdinalIn(item.id(), &document_id);
  const Key key(ordinal ? uint64_t{*ordinal} + 1 : 0, item.generation());
  reading->life.items[key] = std::move(item);
}

void DocumentTrace::Add(const queue::InFlightEntry& entry, const v1::Document* stored) {
  const std::string& document_id = entry.terminal.item().document_id();
  Reading* const reading = ReadingOf(document_id);
  if (reading == nullptr) return;
  reading->life.trace_id =
      TraceOfDocument(job_id_, document_id, stored == nullptr ? std::string_view() : stored->traceparent()).trace_id;
  if (stored != nullptr) reading->life.source = stored->source();
  Put(TracedInFlight(entry), reading);
}

void DocumentTrace::AddRow(const v1::RecordRow& row) {
  Reading* const reading = ReadingOf(row.document_id());
  if (reading == nullptr) return;
  reading->life.trace_id = row.provenance().trace_id();
  reading->life.source = row.provenance().source();
  Put(TracedRecord(row), reading);
}

void DocumentTrace::AddRow(const v1::RejectionRow& row) {
  Reading* const reading = ReadingOf(row.document_id());
  if (reading == nullptr) return;
  reading->life.trace_id = row.provenance().trace_id();
  reading->life.source = row.source();
  Put(TracedRejection(row), reading);
}

void DocumentTrace::AddRow(const v1::DeadLetterRow& row) {
  // Input that could not be read has no document: its line stands for one.
  const std::string& document_id = row.document_id().empty() ? row.id() : row.document_id();
  Reading* const reading = ReadingOf(document_id);
  if (reading == nullptr) return;
  reading->life.trace_id = TraceOfDocument(job_id_, document_id, row.document().traceparent()).trace_id;
  reading->life.source = row.source();
  Put(TracedDeadLetter(row), reading);
}

template <class RowMessage>
absl::Status DocumentTrace::AddRows(const std::string& folder, dataset::RowKind kind,
                                    const std::function<bool()>& stop) {
  // The shortest: the other one begins with it.
  RowCursor cursor(folder, kind, {}, dataset::RowBeginning(readings_.back().document));
  cursor.StopWhen(stop);
  RowMessage row;
  while (true) {
    QUERN_ASSIGN_OR_RETURN(const bool read, cursor.Next(&row));
    if (!read) return absl::OkStatus();
    AddRow(row);
  }
}

absl::Status DocumentTrace::AddDataset(const std::string& folder, const std::function<bool()>& stop) {
  QUERN_RETURN_IF_ERROR(AddRows<v1::RecordRow>(folder, dataset::RowKind::kRecords, stop));
  QUERN_RETURN_IF_ERROR(AddRows<v1::RejectionRow>(folder, dataset::RowKind::kRejections, stop));
  return AddRows<v1::DeadLetterRow>(folder, dataset::RowKind::kDeadLetters, stop);
}

absl::StatusOr<v1::TraceDocumentResponse> DocumentTrace::Finish() {
  for (Reading& reading : readings_) {
    Life& life = reading.life;
    v1::TraceDocumentResponse response;
    response.set_document_id(reading.document);
    // Rows of an earlier version don't tell it.
    response.set_trace_id(life.trace_id.empty() ? DerivedTraceId(job_id_, reading.document) : life.trace_id);
    response.set_source(life.source);
    for (auto& [key, item] : life.items) {
      const auto [place, generation] = key;
      // It became items while the streams were read.
      const auto of_generation = [g = generation](const auto& other) {
        return other.first.first > 0 && other.first.second == g;
      };
      const bool expanded = place == 0 && std::any_of(life.items.begin(), life.items.end(), of_generation);
      if (expanded && item.outcome() == "in_flight") continue;
      if (place > 0 && !reading.item.empty() && item.id() != reading.item) continue;
      *response.add_items() = item;
    }
    if (response.items_size() > 0) return response;
  }
  return NoSuchDocument(id_);
}

absl::StatusOr<v1::TraceDocumentResponse> TraceDocument(Jobs& jobs, const v1::TraceDocumentRequest& request,
                                                        const std::function<bool()>& stop) {
  QUERN_ASSIGN_OR_RETURN(const std::string job_id, JobIdOf(request.name()));
  if (request.id().empty()) {
    return MakeError(absl::StatusCode::kInvalidArgument, "MISSING_FIELD", "id: is required");
  }
  DocumentTrace trace(job_id, request.id());
  const absl::StatusOr<v1::Job> job = jobs.Get(request.name());
  // After its retention a job's dataset can still be read.
  const bool forgotten = absl::IsNotFound(job.status()) && jobs.HasDatasetOf(request.name());
  if (!job.ok() && !forgotten) return job.status();
  if (job.ok()) QUERN_RETURN_IF_ERROR(AddInFlight(jobs, *job, job_id, &trace));
  QUERN_RETURN_IF_ERROR(trace.AddDataset(jobs.dataset_path(job_id), stop));
  return trace.Finish();
}

absl::StatusOr<v1::TraceDocumentResponse> TraceInDataset(const std::string& folder, const std::string& id) {
  QUERN_ASSIGN_OR_RETURN(const dataset::Manifest manifest, dataset::LoadManifest(folder));
  QUERN_ASSIGN_OR_RETURN(const std::string job_id, JobIdOf(manifest.job));
  DocumentTrace trace(job_id, id);
  QUERN_RETURN_IF_ERROR(trace.AddDataset(folder, nullptr));
  return trace.Finish();
}

}  // namespace quern::pipeline

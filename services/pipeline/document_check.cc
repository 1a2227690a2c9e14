#include "services/pipeline/document_check.h"

#include <utility>

#include "common/base/hash.h"

namespace quern::pipeline {

std::optional<dataset::InputFault> CompleteDocument(const dataset::InputLimits& limits, v1::Document* document) {
  if (auto fault = dataset::CheckText(document->text(), limits)) return fault;
  if (auto fault = dataset::CheckId(document->id())) return fault;
  if (document->id().empty()) document->set_id(ContentHash(document->text()));
  return std::nullopt;
}

void CompleteEntry(const dataset::InputLimits& limits, v1::IngestEntry* entry) {
  switch (entry->content_case()) {
    case v1::IngestEntry::kDocument: {
      std::optional<dataset::InputFault> fault = CompleteDocument(limits, entry->mutable_document());
      if (!fault) return;
      v1::UnreadableInput* const unreadable = entry->mutable_unreadable();
      unreadable->set_reason(std::move(fault->reason));
      unreadable->set_message(std::move(fault->message));
      return;
    }
    case v1::IngestEntry::kUnreadable:
      if (entry->unreadable().reason().empty()) entry->mutable_unreadable()->set_reason("UNREADABLE");
      return;
    case v1::IngestEntry::CONTENT_NOT_SET:
      entry->mutable_unreadable()->set_reason("EMPTY_ENTRY");
      entry->mutable_unreadable()->set_message("the client sent neither a document nor a reason for its absence");
      return;
  }
}

}  // namespace quern::pipeline

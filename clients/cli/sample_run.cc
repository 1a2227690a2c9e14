#include "clients/cli/sample_run.h"

#include <utility>

#include "clients/cli/embedded_job.h"
#include "clients/cli/json_lines_file.h"
#include "clients/cli/private_redis.h"
#include "common/base/error.h"
#include "common/dataset/corpus.h"
#include "common/dataset/importer.h"
#include "common/dataset/manifest.h"
#include "common/dataset/shard_reader.h"

namespace quern::cli {
namespace {

// The job's spec for a sample: its documents are written as Quern writes them, and it works all of them off.
v1::JobSpec SpecOfSample(v1::JobSpec spec) {
  spec.mutable_input()->set_text_field("text");
  spec.mutable_input()->set_id_field("id");
  spec.mutable_input()->set_title_field("title");
  spec.mutable_output()->set_document_text(false);
  spec.clear_target_records();
  // Which may follow from the target.
  spec.mutable_queue()->clear_max_documents_held();
  return spec;
}

absl::StatusOr<dataset::Corpus> WriteSample(const std::vector<v1::Document>& documents, const std::string& path) {
  QUERN_ASSIGN_OR_RETURN(const std::unique_ptr<JsonLinesFile> file, JsonLinesFile::Create(path));
  for (const v1::Document& document : documents) {
    QUERN_RETURN_IF_ERROR(file->Write(dataset::DocumentToJsonLine(document)));
  }
  QUERN_RETURN_IF_ERROR(file->Close());
  return dataset::OpenCorpus({path}, {});
}

absl::StatusOr<std::map<std::string, uint64_t>> RecordsByDocument(const std::string& folder) {
  std::map<std::string, uint64_t> records;
  QUERN_ASSIGN_OR_RETURN(const dataset::Manifest manifest, dataset::LoadManifest(folder));
  for (const dataset::Shard& shard : manifest.shards) {
    if (shard.kind != dataset::RowKind::kRecords) continue;
    QUERN_ASSIGN_OR_RETURN(const auto reader, dataset::ShardReader::Open(folder, shard));
    v1::RecordRow record;
    while (true) {
      QUERN_ASSIGN_OR_RETURN(const bool more, reader->Next(&record));
      if (!more) break;
      ++records[record.document_id()];
    }
  }
  return records;
}

}  // namespace

absl::StatusOr<SampleRun> RunSample(const v1::JobSpec& spec, const std::vector<v1::Document>& documents,
                                    const std::string& folder, std::shared_ptr<llm::ReplyCache> replies,
                                    UsageByDocument* usage, ProgressDisplay& display, const Console& console) {
  QUERN_ASSIGN_OR_RETURN(const dataset::Corpus corpus, WriteSample(documents, folder + "/sample.jsonl"));
  QUERN_ASSIGN_OR_RETURN(const std::unique_ptr<PrivateRedis> redis,
                         PrivateRedis::Start(folder + "/redis", console.interrupt));
  EmbeddedOptions embedded;
  embedded.redis.url = redis->url();
  embedded.redis.exclusive = true;
  embedded.dataset_dir = folder + "/dataset";
  embedded.replies = std::move(replies);
  embedded.observer = usage;
  EmbeddedJobOptions options;
  options.job = "sample";
  options.command = "quern estimate";
  SampleRun run;
  QUERN_ASSIGN_OR_RETURN(run.job,
                         RunEmbeddedJob(std::move(embedded), SpecOfSample(spec), corpus, options, display, console));
  QUERN_ASSIGN_OR_RETURN(run.records, RecordsByDocument(folder + "/dataset"));
  return run;
}

}  // namespace quern::cli

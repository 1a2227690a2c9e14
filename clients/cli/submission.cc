#include "clients/cli/submission.h"

#include <limits>
#include <set>
#include <string>
#include <utility>

#include "clients/cli/ingest_client.h"
#include "clients/cli/job_client.h"
#include "clients/cli/limited_reader.h"
#include "common/base/error.h"
#include "common/dataset/source_reader.h"

namespace quern::cli {
namespace {

// A reader that tells its warnings when it is done with.
class WarningReader : public dataset::SourceReader {
 public:
  WarningReader(std::unique_ptr<dataset::SourceReader> reader, std::function<void(const std::string&)> warn)
      : reader_(std::move(reader)), warn_(std::move(warn)) {}

  absl::Status SeekTo(uint64_t position) override { return reader_->SeekTo(position); }
  absl::StatusOr<bool> Next(v1::IngestEntry* entry) override {
    absl::StatusOr<bool> more = reader_->Next(entry);
    if (more.ok() && !*more) {
      for (const std::string& warning : reader_->warnings()) warn_(warning);
    }
    return more;
  }
  uint64_t bytes_read() const override { return reader_->bytes_read(); }
  const std::vector<std::string>& warnings() const override { return reader_->warnings(); }

 private:
  const std::unique_ptr<dataset::SourceReader> reader_;
  const std::function<void(const std::string&)> warn_;
};

class Submission {
 public:
  Submission(const std::shared_ptr<grpc::Channel>& channel, const v1::Job& job, const dataset::Corpus& corpus,
             const SubmissionOptions& options, const std::function<void(const InputProgress&)>& progress,
             const std::function<void(const std::string&)>& warn, std::stop_token stop)
      : client_(channel, job.name(), {{}, options.backoff}, stop),
        input_(job.spec().input()),
        corpus_(corpus),
        limit_(options.limit.value_or(std::numeric_limits<uint64_t>::max())),
        limited_(options.limit.has_value()),
        progress_(progress),
        warn_(warn) {
    told_.bytes = corpus.bytes;
    told_.sources = corpus.sources.size();
  }

  // Sends until a whole round finds everything in its place. A second round is needed only when Redis went back
  // between two sources, which no stream noticed.
  absl::Status Run() {
    while (true) {
      QUERN_RETURN_IF_ERROR(SendAll());
      QUERN_ASSIGN_OR_RETURN(const bool complete, AllHeld());
      if (complete) return absl::OkStatus();
    }
  }

 private:
  absl::Status SendAll() {
    ends_.assign(corpus_.sources.size(), 0);
    uint64_t left = limit_;
    uint64_t bytes_before = 0;
    for (size_t i = 0; i < corpus_.sources.size() && left > 0; ++i) {
      const dataset::Source& source = corpus_.sources[i];
      uint64_t taken = 0;
      const auto open = [&] { return Open(source, left, &taken); };
      const auto tell = [&](uint64_t bytes_read) { Tell(i, bytes_before + bytes_read); };
      // Redis' log is one sequence: once the last source is durable, so are those before it.
      const bool last = i + 1 == corpus_.sources.size() || limited_;
      QUERN_ASSIGN_OR_RETURN(ends_[i], client_.Send(source.name, open, last, tell));
      left -= limited_ ? taken : 0;
      bytes_before += source.bytes;
      Tell(i + 1, bytes_before);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<bool> AllHeld() {
    for (size_t i = 0; i < ends_.size(); ++i) {
      if (ends_[i] == 0) continue;
      QUERN_ASSIGN_OR_RETURN(const bool held, client_.Holds(corpus_.sources[i].name, ends_[i]));
      if (!held) return false;
    }
    return true;
  }

  absl::StatusOr<std::unique_ptr<dataset::SourceReader>> Open(const dataset::Source& source, uint64_t left,
                                                              uint64_t* taken) {
    QUERN_ASSIGN_OR_RETURN(std::unique_ptr<dataset::SourceReader> reader, dataset::SourceReader::Open(source, input_));
    reader = std::make_unique<WarningReader>(std::move(reader), [this](const std::string& warning) {
      // A reader that is asked once more warns once more, and so does a source that is opened again.
      if (warn_ && warned_.insert(warning).second) warn_(warning);
    });
    if (limited_) reader = std::make_unique<LimitedReader>(std::move(reader), left, taken);
    return reader;
  }

  void Tell(size_t sources_sent, uint64_t bytes_read) {
    told_.sources_sent = sources_sent;
    told_.bytes_read = bytes_read;
    if (progress_) progress_(told_);
  }

  IngestClient client_;
  const v1::InputSpec input_;
  const dataset::Corpus& corpus_;
  const uint64_t limit_;
  const bool limited_;
  const std::function<void(const InputProgress&)> progress_;
  const std::function<void(const std::string&)> warn_;
  std::set<std::string> warned_;
  InputProgress told_;
  // The last position of each source, 0 where it holds nothing.
  std::vector<uint64_t> ends_;
};

}  // namespace

absl::Status SubmitCorpus(const std::shared_ptr<grpc::Channel>& channel, const v1::Job& job,
                          const dataset::Corpus& corpus, const SubmissionOptions& options,
                          const std::function<void(const InputProgress&)>& progress,
                          const std::function<void(const std::string&)>& warn, std::stop_token stop) {
  if (!job.input_closed() || options.even_when_closed) {
    QUERN_RETURN_IF_ERROR(Submission(channel, job, corpus, options, progress, warn, stop).Run());
  }
  JobClient client(channel);
  Backoff backoff(options.backoff, stop);
  while (true) {
    const absl::Status closed = client.CloseInput(job.name()).status();
    if (closed.ok()) break;
    QUERN_RETURN_IF_ERROR(backoff.Wait(closed));
  }
  if (progress) progress({corpus.bytes, corpus.bytes, corpus.sources.size(), corpus.sources.size(), true});
  return absl::OkStatus();
}

}  // namespace quern::cli

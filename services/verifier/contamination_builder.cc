#include "services/verifier/contamination_builder.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_format.h"
#include "common/base/error.h"
#include "common/base/hash.h"
#include "services/verifier/evaluation_set.h"
#include "services/verifier/plain_words.h"

namespace quern::verifier {

ContaminationIndex::Builder::Builder(size_t ngram_words, size_t short_ngram_words)
    : index_(new ContaminationIndex(ngram_words, short_ngram_words)) {}

void ContaminationIndex::Builder::BeginSet(std::string name) {
  index_->sets_.push_back(std::move(name));
  texts_in_set_ = 0;
}

bool ContaminationIndex::Builder::Add(uint64_t entry, std::string_view text) {
  const std::string words = PlainWords(text);
  if (words.empty()) return true;
  if (index_->words_.size() + words.size() + 1 > kMaxWordsBytes) return false;
  index_->texts_.push_back(
      {static_cast<uint32_t>(index_->words_.size()), static_cast<uint32_t>(index_->sets_.size() - 1), entry});
  index_->words_.append(words).push_back('\n');
  ++texts_in_set_;
  FindWordBegins(words, &begins_);
  const size_t count = begins_.size() - 1;
  // Which of the lengths a question is looked up by depends on its own length, not on the entry's.
  AddNgrams(index_->ngram_words_);
  if (index_->short_ngram_words_ != index_->ngram_words_) AddNgrams(index_->short_ngram_words_);
  if (count < index_->short_ngram_words_) AddNgrams(count);
  return true;
}

void ContaminationIndex::Builder::AddNgrams(size_t length) {
  const auto text = static_cast<uint32_t>(index_->texts_.size() - 1);
  const uint32_t begin = index_->texts_.back().begin;
  const std::string_view words = std::string_view(index_->words_).substr(begin);
  for (size_t first = 0; first + length < begins_.size(); ++first) {
    const std::string_view ngram = words.substr(begins_[first], begins_[first + length] - 1 - begins_[first]);
    records_.push_back({Hash64(ngram), begin + begins_[first], text});
  }
}

size_t ContaminationIndex::Builder::FirstTelling(size_t begin, size_t end) const {
  while (begin < end) {
    // Records of one hash are sorted by position, so the sets come in their order and entries one after another.
    const uint32_t set = index_->texts_[records_[begin].text].set;
    size_t entries = 1;
    size_t next = begin + 1;
    for (; next < end && index_->texts_[records_[next].text].set == set; ++next) {
      if (index_->texts_[records_[next].text].entry != index_->texts_[records_[next - 1].text].entry) ++entries;
    }
    if (entries <= kMaxEntries) return begin;
    begin = next;
  }
  return end;
}

std::shared_ptr<const ContaminationIndex> ContaminationIndex::Builder::Build() {
  std::sort(records_.begin(), records_.end(), [](const Record& a, const Record& b) {
    return a.hash != b.hash ? a.hash < b.hash : a.position < b.position;
  });
  for (size_t begin = 0, end = 0; begin < records_.size(); begin = end) {
    while (end < records_.size() && records_[end].hash == records_[begin].hash) ++end;
    const size_t telling = FirstTelling(begin, end);
    if (telling == end) continue;
    index_->hashes_.push_back(records_[telling].hash);
    index_->positions_.push_back(records_[telling].position);
  }
  records_ = {};
  index_->hashes_.shrink_to_fit();
  index_->positions_.shrink_to_fit();
  index_->MakeBuckets();
  return std::move(index_);
}

absl::StatusOr<std::shared_ptr<const ContaminationIndex>> LoadContaminationIndex(const Decontamination& options) {
  ContaminationIndex::Builder builder(options.ngram_words, options.short_ngram_words);
  for (size_t i = 0; i < options.sets.size(); ++i) {
    const EvaluationSet& set = options.sets[i];
    const std::string path = absl::StrFormat("verifier.decontamination.sets[%d]", i);
    builder.BeginSet(set.name);
    const auto add = [&](uint64_t entry, std::string_view text) {
      if (builder.Add(entry, text)) return absl::OkStatus();
      return MakeError(absl::StatusCode::kInvalidArgument, "INVALID_SPEC",
                       absl::StrFormat("%s: the sets hold more than %d MiB of words, from line %d of %s on; name only "
                                       "the fields that hold questions",
                                       path, ContaminationIndex::Builder::kMaxWordsBytes >> 20, entry, set.file));
    };
    QUERN_RETURN_IF_ERROR(ReadEvaluationSet(set, path, add));
    if (builder.texts_in_set() == 0) {
      return MakeError(absl::StatusCode::kInvalidArgument, "INVALID_SPEC",
                       absl::StrFormat("%s: no entry of %s holds a word; name a file of questions", path, set.file));
    }
  }
  return builder.Build();
}

}  // namespace quern::verifier

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
  const size_t count = static_cast<size_t>(std::count(words.begin(), words.end(), ' ')) + 1;
  for (const size_t length : {index_->ngram_words_, index_->short_ngram_words_}) {
    if (count >= length) expected_ngrams_ += count - length + 1;
  }
  return true;
}

void ContaminationIndex::Builder::AddNgrams(uint32_t text, size_t length) {
  const uint32_t begin = index_->texts_[text].begin;
  for (size_t first = 0; first + length < begins_.size(); ++first) {
    const size_t size = begins_[first + length] - 1 - begins_[first];
    const uint32_t position = begin + begins_[first];
    const uint64_t hash = Hash64(std::string_view(index_->words_).substr(position, size));
    parts_[hash >> 56].push_back({hash, position, text});
  }
}

void ContaminationIndex::Builder::AddNgramsOfTexts() {
  // Hashes spread evenly, but for n-grams that repeat; growing would copy gigabytes.
  for (std::vector<Record>& part : parts_) part.reserve(expected_ngrams_ / parts_.size() * 17 / 16 + 16);
  for (uint32_t text = 0; text < index_->texts_.size(); ++text) {
    const std::string_view from = std::string_view(index_->words_).substr(index_->texts_[text].begin);
    FindWordBegins(from.substr(0, from.find('\n')), &begins_);
    const size_t count = begins_.size() - 1;
    // Which of the lengths a question is looked up by depends on its own length, not on the entry's.
    AddNgrams(text, index_->ngram_words_);
    if (index_->short_ngram_words_ != index_->ngram_words_) AddNgrams(text, index_->short_ngram_words_);
    if (count < index_->short_ngram_words_) AddNgrams(text, count);
  }
}

std::optional<ContaminationIndex::Builder::Record> ContaminationIndex::Builder::FirstTelling(
    std::span<const Record> records) const {
  const auto text = [&](size_t i) -> const Text& { return index_->texts_[records[i].text]; };
  // Sorted by position, so the sets come in their order, and the entries of a set one after another.
  for (size_t begin = 0, end = 0; begin < records.size(); begin = end) {
    size_t entries = 1;
    for (end = begin + 1; end < records.size() && text(end).set == text(begin).set; ++end) {
      if (text(end).entry != text(end - 1).entry) ++entries;
    }
    if (entries <= kMaxEntries) return records[begin];
  }
  return std::nullopt;
}

void ContaminationIndex::Builder::Keep(std::vector<Record> records) {
  std::sort(records.begin(), records.end(), [](const Record& a, const Record& b) {
    return a.hash != b.hash ? a.hash < b.hash : a.position < b.position;
  });
  for (size_t begin = 0, end = 0; begin < records.size(); begin = end) {
    while (end < records.size() && records[end].hash == records[begin].hash) ++end;
    const auto telling = FirstTelling(std::span(records).subspan(begin, end - begin));
    if (!telling) continue;
    index_->hashes_.push_back(telling->hash);
    index_->positions_.push_back(telling->position);
  }
}

std::shared_ptr<const ContaminationIndex> ContaminationIndex::Builder::Build() {
  AddNgramsOfTexts();
  size_t total = 0;
  for (const std::vector<Record>& part : parts_) total += part.size();
  // Pages that stay unused because n-grams repeat are never touched.
  index_->hashes_.reserve(total);
  index_->positions_.reserve(total);
  for (std::vector<Record>& part : parts_) Keep(std::move(part));
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

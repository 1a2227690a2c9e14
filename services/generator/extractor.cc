#include "services/generator/extractor.h"

#include <algorithm>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/text/sentences.h"
#include "services/generator/gate.h"
#include "services/generator/noun_phrase.h"
#include "services/generator/rules.h"
#include "services/generator/topic.h"

namespace quern::generator {
namespace {

constexpr Rule kRules[] = {AskPassiveEvents, AskActiveEvents, AskReducedEvents, AskLives,    AskIdentities,
                           AskAttributes,    AskQuantities,   AskAcronyms,      AskOrigins,  AskCountries,
                           AskTerms,         AskRelations,    AskPlaces,        AskInverses, AskSince,
                           AskCauses,        AskTakingPlace};

// Documents are read up to here; more sentences than these hold more facts than any job asks for.
constexpr size_t kMaxReadBytes = 256 * 1024;
// A second question about the same sentence ranks below a first question about another.
constexpr double kSameSentencePenalty = 0.08;

// Dictionaries lead an entry with a subject tag and the headword's short form: "<programming> (ADT) A kind of ...".
uint32_t SkipEntryLead(std::string_view text, uint32_t begin, uint32_t end) {
  for (const auto& [open, close] :
       {std::pair('/', '/'), std::pair('<', '>'), std::pair('(', ')'), std::pair('(', ')')}) {
    if (begin >= end || text[begin] != open) continue;
    const size_t stop = text.substr(begin + 1, std::min<size_t>(end - begin - 1, 120)).find(close);
    if (stop == std::string_view::npos) return begin;
    begin += static_cast<uint32_t>(stop) + 2;
    while (begin < end && (text[begin] == ' ' || text[begin] == '\n' || text[begin] == ',')) ++begin;
  }
  return begin;
}

std::vector<Sentence> ReadStatements(std::string_view text) {
  std::vector<Sentence> result;
  size_t index = 0;
  for (const text::SentenceSpan& span : text::SplitSentences(text)) {
    const uint32_t begin = SkipEntryLead(text, span.begin, span.end);
    const std::string_view source = text.substr(begin, span.end - begin);
    if (LooksLikeStatement(source)) result.emplace_back(text, begin, span.end, index);
    // Headings do not count: the sentence below one is still the document's first.
    if (!source.empty() && (source.back() == '.' || source.size() > 80)) ++index;
  }
  return result;
}

// An entry with numbered senses names more than one thing.
bool HasNumberedSenses(std::string_view text) {
  for (size_t at = text.find("2. "); at != std::string_view::npos; at = text.find("2. ", at + 1)) {
    size_t before = at;
    while (before > 0 && (text[before - 1] == ' ' || text[before - 1] == '\t')) --before;
    if (before == 0 || text[before - 1] == '\n') return text.substr(0, at).find("1. ") != std::string_view::npos;
  }
  return false;
}

// Tells every sentence how far before it the last sentence about the topic stands.
void LinkToTopic(const Topic& topic, std::vector<Sentence>& sentences) {
  if (topic.words.empty()) return;
  const Sentence* about = nullptr;
  for (Sentence& sentence : sentences) {
    if (about != nullptr) sentence.SetTopicDistance(sentence.index() - about->index());
    // "In 1903, she won": the subject stands behind the year.
    const size_t year = sentence.At(0, "in") ? YearEnd(sentence, 1) : 1;
    const size_t subject = year > 1 ? year + (sentence[year].text == "," ? 1 : 0) : 0;
    const size_t named = subject + (sentence.At(subject, "the") ? 1 : 0);
    const bool entry = topic.defined && sentence.index() <= 1 && &sentence == &sentences.front();
    const bool stand_in = StandInEnd(topic, sentence, subject) > subject || IsPossessiveOf(topic, sentence, subject);
    if (stand_in) sentence.LeadEvidence(static_cast<uint32_t>(about->Bytes().begin()));
    if (entry || stand_in || TopicEnd(topic, sentence, named) > named) about = &sentence;
  }
}

size_t CountWords(std::string_view text) {
  size_t words = 0;
  bool inside = false;
  for (const char c : text) {
    const bool space = c == ' ';
    if (!space && !inside) ++words;
    inside = !space;
  }
  return words;
}

// True when half of the answer's words stand in the question: "Apple Computer" answers no question about the Apple
// Newton. The verifier lets half pass; an RFC's number says enough. The kind of thing that is asked for gives nothing
// away: Lake Baikal is the deepest lake.
bool IsGivenAway(const Candidate& candidate) {
  if (candidate.rule == "reference") return false;
  const std::string question = text::LowerAscii(candidate.question);
  const std::string answer = text::LowerAscii(candidate.answer);
  absl::flat_hash_set<std::string_view> asked;
  absl::flat_hash_set<std::string_view> named;
  for (const text::Token& token : text::Tokenize(candidate.question, 128)) {
    const std::string_view word = std::string_view(question).substr(token.begin, token.end - token.begin);
    asked.insert(word);
    if (token.capitalised) named.insert(word);
  }
  size_t words = 0;
  size_t leaked = 0;
  for (const text::Token& token : text::Tokenize(candidate.answer, 32)) {
    const std::string_view word = std::string_view(answer).substr(token.begin, token.end - token.begin);
    if (token.kind == text::TokenKind::kPunct || text::Lexicon::English().IsClosed(word)) continue;
    ++words;
    leaked += (token.capitalised ? named : asked).contains(word) ? 1 : 0;
  }
  return words > 0 && 2 * leaked >= words;
}

bool IsWanted(const Candidate& candidate, const Options& options) {
  if (IsGivenAway(candidate)) return false;
  if (candidate.score < options.min_score || candidate.answer.empty()) return false;
  if (CountWords(candidate.answer) > options.max_answer_words) return false;
  const size_t words = CountWords(candidate.question);
  if (words < options.min_question_words || words > options.max_question_words) return false;
  return options.rules.empty() ||
         std::find(options.rules.begin(), options.rules.end(), candidate.rule) != options.rules.end();
}

// Drops every question that has two answers.
void DropContradictions(std::vector<Candidate>& candidates) {
  absl::flat_hash_map<std::string, std::string> answers;
  absl::flat_hash_map<std::string, bool> contradicted;
  for (const Candidate& candidate : candidates) {
    const auto [entry, fresh] = answers.emplace(candidate.question, candidate.answer);
    if (!fresh && entry->second != candidate.answer) contradicted[candidate.question] = true;
  }
  std::erase_if(candidates, [&](const Candidate& candidate) { return contradicted.contains(candidate.question); });
}

// Drops what asks an earlier candidate's fact again: the same question, the same words of the document as its answer,
// or the same rule with the same answer.
void DropRepeats(std::vector<Candidate>& candidates) {
  absl::flat_hash_set<std::string> seen;
  std::erase_if(candidates, [&](const Candidate& candidate) {
    bool asked = !seen.insert('?' + candidate.question).second;
    asked |= !seen.insert(absl::StrCat("@", candidate.answer_span.begin(), "-", candidate.answer_span.end())).second;
    return !seen.insert(std::string(candidate.rule) + '\n' + candidate.answer).second || asked;
  });
}

// Best first, with facts of other sentences before second facts of the same one; ties go by place in the document.
void Rank(std::vector<Candidate>& candidates) {
  const auto better = [](const Candidate& a, const Candidate& b) {
    if (a.score != b.score) return a.score > b.score;
    if (a.sentence != b.sentence) return a.sentence < b.sentence;
    return a.answer_span.begin() < b.answer_span.begin();
  };
  std::stable_sort(candidates.begin(), candidates.end(), better);
  absl::flat_hash_map<size_t, int> of_sentence;
  for (Candidate& candidate : candidates) candidate.score -= kSameSentencePenalty * of_sentence[candidate.sentence]++;
  std::stable_sort(candidates.begin(), candidates.end(), better);
}

}  // namespace

std::vector<Candidate> ExtractCandidates(const v1::Document& document, const Options& options) {
  const std::string_view text = std::string_view(document.text()).substr(0, kMaxReadBytes);
  std::vector<Sentence> statements = ReadStatements(text);
  Topic topic = FindTopic(document, statements);
  if (HasNumberedSenses(text)) topic = Topic();
  LinkToTopic(topic, statements);
  std::vector<Candidate> candidates;
  AskFields(topic, text, candidates);
  for (const Sentence& sentence : statements) {
    if (!StandsAlone(sentence)) continue;
    std::vector<Candidate> asked;
    for (const Rule rule : kRules) rule(topic, sentence, asked);
    for (Candidate& candidate : asked) {
      if (IsPlainClaim(sentence, candidate.answer_span.end())) candidates.push_back(std::move(candidate));
    }
  }
  std::erase_if(candidates, [&](const Candidate& candidate) { return !IsWanted(candidate, options); });
  DropContradictions(candidates);
  Rank(candidates);
  DropRepeats(candidates);
  return candidates;
}

const std::vector<std::string_view>& RuleNames() {
  static const std::vector<std::string_view> names = {
      "event_time", "event_agent", "reduced_agent", "reduced_time", "reduced_place", "life_time", "life_place",
      "identity",   "relation",    "attribute",     "measure",      "count",         "acronym",   "namesake",
      "etymology",  "country",     "nationality",   "term",         "field",         "kinship",   "basis",
      "language",   "reference",   "place",         "inverse",      "since",         "cause",     "parts"};
  return names;
}

}  // namespace quern::generator

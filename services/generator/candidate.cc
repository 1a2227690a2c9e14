#include "services/generator/candidate.h"

#include <algorithm>
#include <utility>

namespace quern::generator {

Candidate MakeCandidate(const Sentence& sentence, size_t from, size_t to, v1::AnswerType type, std::string question,
                        std::string_view rule, double score) {
  Candidate candidate;
  candidate.question = std::move(question);
  candidate.answer = sentence.Text(from, to);
  candidate.type = type;
  candidate.answer_span = sentence.Bytes(from, to);
  candidate.evidence_span = sentence.Evidence();
  candidate.rule = rule;
  candidate.score = score;
  candidate.sentence = sentence.index();
  return candidate;
}

void AppendTopicCandidate(const Topic& topic, const Sentence& sentence, std::string question, std::string_view rule,
                          double score, std::vector<Candidate>& out) {
  constexpr uint64_t kReach = 1200;
  if (topic.mention.end() == 0) return;
  const v1::Span here = sentence.Evidence();
  Candidate candidate;
  candidate.evidence_span.set_begin(std::min(topic.mention_sentence.begin(), here.begin()));
  candidate.evidence_span.set_end(std::max(topic.mention_sentence.end(), here.end()));
  if (candidate.evidence_span.end() - candidate.evidence_span.begin() > kReach) return;
  candidate.question = std::move(question);
  candidate.answer = topic.mention_text;
  candidate.type = v1::ANSWER_TYPE_NAME;
  candidate.answer_span = topic.mention;
  candidate.rule = rule;
  candidate.score = score;
  candidate.sentence = sentence.index();
  out.push_back(std::move(candidate));
}

}  // namespace quern::generator

#include "services/generator/candidate.h"

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

}  // namespace quern::generator

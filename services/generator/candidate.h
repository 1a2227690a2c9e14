#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "quern/v1/document.pb.h"
#include "quern/v1/work.pb.h"
#include "services/generator/sentence.h"
#include "services/generator/topic.h"

namespace quern::generator {

// A pair that a rule proposes.
struct Candidate {
  std::string question;
  // The words of `answer_span`, white space collapsed.
  std::string answer;
  v1::AnswerType type = v1::ANSWER_TYPE_UNSPECIFIED;
  v1::Span answer_span;
  // The sentence.
  v1::Span evidence_span;
  // A name of the rules' catalogue; a view of a literal.
  std::string_view rule;
  // How sure the rule is, 0 to 1.
  double score = 0;
  // Which sentence of the document, for telling facts apart.
  size_t sentence = 0;
};

// A candidate whose answer is the words [from, to) of `sentence`.
Candidate MakeCandidate(const Sentence& sentence, size_t from, size_t to, v1::AnswerType type, std::string question,
                        std::string_view rule, double score);

// Appends a candidate whose answer is the topic's full name, quoted from where the document first gives it; its
// evidence reaches from there to `sentence`, or back. Appends nothing when the document never names the topic in full,
// or names it too far away (more than 1,200 bytes).
void AppendTopicCandidate(const Topic& topic, const Sentence& sentence, std::string question, std::string_view rule,
                          double score, std::vector<Candidate>& out);

}  // namespace quern::generator

#pragma once

#include <string>
#include <string_view>

#include "quern/v1/document.pb.h"
#include "quern/v1/work.pb.h"
#include "services/verifier/contamination_index.h"
#include "services/verifier/options.h"

namespace quern::verifier {

// The verifier's checks. Each returns true when the pair passes and says in `detail` what it found. None looks at how
// the pair was made.

// Finds the answer in the document: at its span, else inside the evidence, else anywhere, white space and ASCII case
// apart, at word borders. Sets the pair's answer span, and the evidence span to the line or sentence around the answer
// where it has none that holds it.
bool CheckGrounded(const v1::Document& document, v1::QuestionAnswer& pair, std::string& detail);

// Sets the pair's answer type from the answer's form when it has none. Fails for an answer without a letter or digit.
bool CheckAnswerTyped(v1::QuestionAnswer& pair, std::string& detail);

// The question holds neither the answer nor more than `max_leaked_share` of its content words, stems compared.
bool CheckNotLeaked(const v1::QuestionAnswer& pair, double max_leaked_share, std::string& detail);

// The question mentions no text, passage or author that its reader does not have.
inline constexpr std::string_view kNamesNoText = "names_no_text";
bool CheckNamesNoText(const v1::QuestionAnswer& pair, std::string& detail);

// The question names its things: no pronoun that stands for something outside it, no demonstrative, no mention of a
// text, no bare definite noun ("the system") as its only subject.
bool CheckSelfContained(const v1::QuestionAnswer& pair, std::string& detail);

// One question: opens as English questions do, ends in its only question mark, brackets and quotation marks balanced,
// no mark-up, no invisible characters, no line break, no word twice in a row.
bool CheckWellFormed(const v1::QuestionAnswer& pair, std::string& detail);

// Words of question and answer within the limits.
bool CheckLength(const v1::QuestionAnswer& pair, const Options& options, std::string& detail);

// No other value of the answer's kind in the document fits the question: not in a list with the answer, not in another
// sentence that says all that the question says.
bool CheckUnambiguous(const v1::Document& document, const v1::QuestionAnswer& pair, std::string& detail);

// The question shares no n-gram with an entry of the evaluation sets. The detail names set, entry and n-gram, which is
// the question's.
bool CheckDecontaminated(const v1::QuestionAnswer& pair, const ContaminationIndex& evaluation_sets,
                         std::string& detail);

}  // namespace quern::verifier

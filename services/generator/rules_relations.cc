#include "services/generator/agent.h"
#include "services/generator/modifiers.h"
#include "services/generator/noun_phrase.h"
#include "services/generator/rules.h"
#include "services/generator/topic_kind.h"
#include "services/generator/word_list.h"

namespace quern::generator {
namespace {

// Nouns that tie a thing to exactly one other by "of" or "to", with what the question calls the other.
struct Tie {
  std::string_view noun;
  std::string_view other;
};
constexpr Tie kTies[] = {
    {"dialect", "language"}, {"subset", ""},     {"superset", ""},         {"descendant", ""},
    {"clone", ""},           {"derivative", ""}, {"division", "company"},  {"subsidiary", "company"},
    {"tributary", "river"},  {"suburb", "city"}, {"trademark", "company"}, {"successor", ""},
    {"predecessor", ""},     {"moon", "planet"}, {"forerunner", ""},       {"offshoot", ""},
    {"sequel", ""},          {"prequel", ""}};

std::string_view LowerCopula(const Sentence& sentence, size_t article) {
  return article > 0 && sentence.At(article - 1, "was") ? "was" : "is";
}

// One past the name at `at` when nothing joins another to it and no "'s" makes it an owner; else `at`.
size_t OneNameEnd(const Sentence& sentence, size_t at) {
  const size_t end = NameEnd(sentence, at);
  if (end == at) return at;
  const Word& next = sentence[end];
  if (sentence.At(end, "and") || sentence.At(end, "or") || next.text == "/" || next.text == "(" || next.text == "+" ||
      next.text == "-" || next.text == "'" || next.text == "\xE2\x80\x99" || next.IsNumber()) {
    return at;
  }
  if (next.text == "," && (sentence[end + 1].token.capitalised || sentence.At(end + 1, "and"))) return at;
  if (next.token.kind == text::TokenKind::kWord && !next.Is(text::kClosed) && !IsPostmodifier(sentence, end) &&
      next.Is(text::kNoun)) {
    return at;
  }
  const std::string& last = sentence[end - 1].lower;
  const bool owner = last.size() > 2 && last.substr(last.size() - 2) == "'s";
  return owner || sentence[end - 1].text.size() < 2 ? at : end;
}

// "X is a dialect of Lisp", "A subsidiary of Acme Motors": of which language is it a dialect.
void AskTie(const Topic& topic, const Sentence& sentence, size_t article, std::vector<Candidate>& out) {
  const size_t head = HeadNoun(sentence, article + 1);
  if (head == 0 || (!sentence.At(head + 1, "of") && !sentence.At(head + 1, "to"))) return;
  for (const Tie& tie : kTies) {
    if (sentence[head].lower != tie.noun) continue;
    const size_t end = OneNameEnd(sentence, head + 2);
    if (end == head + 2 || (!sentence.At(article, "the") && !sentence[article].Is(text::kDeterminer))) return;
    const std::string other = tie.other.empty() ? "what" : "which " + std::string(tie.other);
    const std::string preposition = sentence.At(head + 1, "to") ? "To " : "Of ";
    const std::string_view determiner = sentence.At(article, "the") ? "the" : tie.noun.front() == 'o' ? "an" : "a";
    const size_t begin = sentence.At(head + 2, "the") ? head + 3 : head + 2;
    out.push_back(MakeCandidate(sentence, begin, end, v1::ANSWER_TYPE_NAME,
                                preposition + other + " " + std::string(LowerCopula(sentence, article)) + " " +
                                    TopicText(topic) + " " + std::string(determiner) + " " +
                                    sentence.Text(head, head + 1) + "?",
                                "kinship", 0.78));
    return;
  }
}

// "based on NAME", "derived from NAME" at `at`; asks "On what is X based?".
void AskBasisAt(const Sentence& sentence, size_t at, const std::string& subject, std::string_view copula,
                std::vector<Candidate>& out) {
  const bool based = sentence.At(at, "based") && (sentence.At(at + 1, "on") || sentence.At(at + 1, "upon"));
  const bool derived = sentence.At(at, "derived") && sentence.At(at + 1, "from");
  if (!based && !derived) return;
  const size_t end = OneNameEnd(sentence, at + 2);
  if (end == at + 2) return;
  const size_t begin = sentence.At(at + 2, "the") ? at + 3 : at + 2;
  out.push_back(MakeCandidate(
      sentence, begin, end, v1::ANSWER_TYPE_NAME,
      (based ? "On what " : "From what ") + std::string(copula) + " " + subject + " " + sentence[at].lower + "?",
      "basis", 0.76));
}

bool IsKnownLanguage(std::string_view word) {
  static constexpr std::string_view kLanguages[] = {
      "Lisp",      "LISP",       "Perl",   "Python",  "Java",     "Pascal",  "Fortran", "FORTRAN",
      "Ada",       "Prolog",     "Scheme", "Haskell", "Ruby",     "Rust",    "Tcl",     "Erlang",
      "Smalltalk", "COBOL",      "BASIC",  "Latin",   "Greek",    "French",  "German",  "English",
      "Italian",   "Spanish",    "Arabic", "Hebrew",  "Sanskrit", "Chinese", "Welsh",   "Icelandic",
      "Russian",   "Portuguese", "Dutch",  "Persian", "Aramaic",  "Catalan", "Polish",  "PHP"};
  return OneOf(word, kLanguages);
}

// "X is written in Prolog": in which language.
void AskLanguageOf(const Sentence& sentence, size_t at, const std::string& subject, std::string_view copula,
                   std::vector<Candidate>& out) {
  if ((!sentence.At(at, "written") && !sentence.At(at, "implemented")) || !sentence.At(at + 1, "in")) return;
  const size_t language = at + 2;
  const bool known = IsKnownLanguage(sentence[language].text) || (sentence[language].text == "C");
  const Word& next = sentence[language + 1];
  if (!known || next.text == "+" || next.text == "#" || next.text == "-" || next.text == "/") return;
  if (next.token.capitalised || sentence.At(language + 1, "and") || sentence.At(language + 1, "or")) return;
  if (next.text == "," && (sentence[language + 2].token.capitalised || sentence.At(language + 2, "and"))) return;
  out.push_back(MakeCandidate(
      sentence, language, language + 1, v1::ANSWER_TYPE_NAME,
      "In which language " + std::string(copula) + " " + subject + " " + sentence[at].lower + "?", "language", 0.78));
}

// "X is defined in RFC 1951": in which RFC.
void AskReference(const Sentence& sentence, size_t at, const std::string& subject, std::string_view copula,
                  std::vector<Candidate>& out) {
  static constexpr std::string_view kVerbs[] = {"defined", "described", "specified", "documented"};
  if (!OneOf(sentence[at].lower, kVerbs) || (!sentence.At(at + 1, "in") && !sentence.At(at + 1, "by"))) return;
  if (sentence[at + 2].text != "RFC" || !sentence[at + 3].IsNumber()) return;
  const Word& next = sentence[at + 4];
  const bool list = sentence.At(at + 4, "and") ||
                    (next.text == "," && (sentence[at + 5].IsNumber() || sentence[at + 5].text == "RFC"));
  if (list && (sentence[at + 5].IsNumber() || sentence[at + 5].text == "RFC")) return;
  out.push_back(MakeCandidate(sentence, at + 2, at + 4, v1::ANSWER_TYPE_NAME,
                              "In which RFC " + std::string(copula) + " " + subject + " " + sentence[at].lower + "?",
                              "reference", 0.82));
}

// "X was developed in 1996 and is described in RFC 2326", "X, defined in RFC 1213, is ...": the RFC behind the
// subject's first claim or right behind the subject.
void AskLaterReference(const Sentence& sentence, const NounPhrase& subject, std::vector<Candidate>& out) {
  if (sentence[subject.end].text == ",") AskReference(sentence, subject.end + 1, subject.text, "is", out);
  for (size_t at = subject.end; at + 4 < sentence.size(); ++at) {
    if (sentence[at].Is(text::kRelative)) return;
    if (sentence.At(at, "and") && (sentence.At(at + 1, "is") || sentence.At(at + 1, "was"))) {
      AskReference(sentence, at + 2, subject.text, sentence[at + 1].lower, out);
    }
  }
}

// "RFC 1939 defines POP3."
void AskDefiningReference(const Topic& topic, const Sentence& sentence, std::vector<Candidate>& out) {
  if (sentence[0].text != "RFC" || !sentence[1].IsNumber()) return;
  static constexpr std::string_view kVerbs[] = {"defines", "describes", "specifies", "documents"};
  if (!OneOf(sentence[2].lower, kVerbs)) return;
  const std::optional<NounPhrase> object = ParseNamed(sentence, 3, topic);
  if (!object || (object->end != sentence.Stop() && sentence[object->end].text != ",")) return;
  out.push_back(MakeCandidate(sentence, 0, 2, v1::ANSWER_TYPE_NAME,
                              "Which RFC " + sentence[2].lower + " " + object->text + "?", "reference", 0.82));
}

void AskParticiple(const Sentence& sentence, size_t at, const std::string& subject, std::string_view copula,
                   std::vector<Candidate>& out) {
  AskBasisAt(sentence, at, subject, copula, out);
  AskLanguageOf(sentence, at, subject, copula, out);
  AskReference(sentence, at, subject, copula, out);
}

}  // namespace

void AskRelations(const Topic& topic, const Sentence& sentence, std::vector<Candidate>& out) {
  AskDefiningReference(topic, sentence, out);
  if (const std::optional<size_t> article = PredicateAt(topic, sentence); article && IsArticleClear(topic)) {
    AskTie(topic, sentence, *article, out);
    for (const Modifier& modifier : FindModifiers(sentence, *article)) {
      AskParticiple(sentence, modifier.participle, TopicText(topic), LowerCopula(sentence, *article), out);
    }
    if (*article == 0) return;
  }
  const std::optional<NounPhrase> subject = ParseNamed(sentence, 0, topic);
  if (!subject || (subject->topic && !IsArticleClear(topic))) return;
  AskLaterReference(sentence, *subject, out);
  const size_t copula = subject->end;
  if (!sentence.At(copula, "is") && !sentence.At(copula, "was")) return;
  AskParticiple(sentence, copula + 1, subject->text, sentence[copula].lower, out);
}

}  // namespace quern::generator

#pragma once

#include <string_view>
#include <vector>

#include "services/generator/candidate.h"
#include "services/generator/sentence.h"
#include "services/generator/topic.h"

namespace quern::generator {

// The rules of the extractive generator. Each looks at one sentence that passed the gate and appends what it can ask
// about it to `out`; each asks only when every piece of its frame was recognised, so that the question is grammatical
// by construction. Thread-safe: no state.
using Rule = void (*)(const Topic& topic, const Sentence& sentence, std::vector<Candidate>& out);

// "X was founded in 1821 by Y", "X published Y in 1936", "In 1936, X published Y": years, dates and agents of events.
void AskPassiveEvents(const Topic& topic, const Sentence& sentence, std::vector<Candidate>& out);
void AskActiveEvents(const Topic& topic, const Sentence& sentence, std::vector<Candidate>& out);
// "A language designed by X at Y in 1970": the dictionary's elided subject, and "X is a language designed by Y".
void AskReducedEvents(const Topic& topic, const Sentence& sentence, std::vector<Candidate>& out);
// "Karl Marx (5 May 1818 - 14 March 1883) was a philosopher", "X was born in Ulm".
void AskLives(const Topic& topic, const Sentence& sentence, std::vector<Candidate>& out);
// "X is the largest city in Morocco": who or what is it.
void AskIdentities(const Topic& topic, const Sentence& sentence, std::vector<Candidate>& out);
// "The capital of France is Paris", "X has a population of 3,456".
void AskAttributes(const Topic& topic, const Sentence& sentence, std::vector<Candidate>& out);
// "X is 324 metres tall", "X has 206 bones".
void AskQuantities(const Topic& topic, const Sentence& sentence, std::vector<Candidate>& out);
// "Simple Mail Transfer Protocol (SMTP)", "SMTP stands for ...".
void AskAcronyms(const Topic& topic, const Sentence& sentence, std::vector<Candidate>& out);
// "X is named after Y", "The word X comes from Latin", "X was formerly known as Y".
void AskOrigins(const Topic& topic, const Sentence& sentence, std::vector<Candidate>& out);
// "Varnhem is a town in Sweden", "Karl Marx was a German philosopher": the country of a place, the nationality of a
// person.
void AskCountries(const Topic& topic, const Sentence& sentence, std::vector<Candidate>& out);
// "X is a dialect of Lisp", "X is based on Y", "X is written in Prolog", "X is defined in RFC 1951".
void AskRelations(const Topic& topic, const Sentence& sentence, std::vector<Candidate>& out);
// "The Battle of Kahlenberg took place on 12 September 1683".
void AskTakingPlace(const Topic& topic, const Sentence& sentence, std::vector<Candidate>& out);
// "Fiji has been independent since 1970": since what year.
void AskSince(const Topic& topic, const Sentence& sentence, std::vector<Candidate>& out);
// "Which programming language was created by Ann Lee in 1975?": the event's sentence, asked for its topic.
void AskInverses(const Topic& topic, const Sentence& sentence, std::vector<Candidate>& out);
// "X is located in Oslo, Norway", "X flows into the Black Sea".
void AskPlaces(const Topic& topic, const Sentence& sentence, std::vector<Candidate>& out);
// "Malaria is caused by parasites", "brass is made of copper and zinc".
void AskCauses(const Topic& topic, const Sentence& sentence, std::vector<Candidate>& out);
// "Mycology is the study of fungi": what is it called.
void AskTerms(const Topic& topic, const Sentence& sentence, std::vector<Candidate>& out);

// "Atomic number: 1" in a document about hydrogen: lines of keys and values, which are no sentences.
void AskFields(const Topic& topic, std::string_view text, std::vector<Candidate>& out);

// Names of all rules, as GeneratorSpec.rules takes them.
const std::vector<std::string_view>& RuleNames();

}  // namespace quern::generator

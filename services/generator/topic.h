#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "quern/v1/document.pb.h"
#include "services/generator/sentence.h"

namespace quern::generator {

enum class Article : uint8_t { kUnknown, kThe, kNone };

// What a document is about.
struct Topic {
  // Its name as a question writes it: "hydrogen", "Pascal", "Marie Curie". Empty when the document does not tell.
  std::string name;
  // The name's words in lower case, for matching.
  std::vector<std::string> words;
  // How the document shortens it: what stands in brackets after the name or at the head of the entry ("DNA"), else its
  // initials where it has three words or more ("RTSP"). Empty otherwise.
  std::string initials;
  // The last name of a person who is named in full: "Newton". Empty otherwise.
  std::string surname;
  // Nouns that "the" makes stand for it: "tower" for the Eiffel Tower, "language" for Pascal.
  std::vector<std::string> nouns;
  // What kind of thing it is, when its first sentence says so in one or two nouns: "programming language". Empty
  // otherwise.
  std::string kind;
  // The name is a proper name: it keeps its capitals.
  bool proper = false;
  // The topic is a person.
  bool person = false;
  // The document's first sentence has no subject of its own, as dictionary entries have it ("A language designed by
  // ...").
  bool headword = false;
  // The first sentence says what the topic is; a chapter's heading has no such sentence.
  bool defined = false;
  // Whether sentences name it with "the", as the document itself does.
  Article article = Article::kUnknown;
  // Where the document first names it in full, in which words, and the sentence that does; empty spans when it does
  // not.
  v1::Span mention;
  std::string mention_text;
  v1::Span mention_sentence;
};

// Finds the topic of `document`: its title, where that is a name or term (1 to 6 words without a chapter's number),
// else the subject of its first sentence "X is a ..." when X is a name. `sentences` are the document's, in order, those
// that may be statements.
Topic FindTopic(const v1::Document& document, const std::vector<Sentence>& sentences);

// One past the topic's name (or its initials or surname) at `at`, else `at`.
size_t TopicEnd(const Topic& topic, const Sentence& sentence, size_t at);

}  // namespace quern::generator

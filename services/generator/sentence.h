#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/text/lexicon.h"
#include "common/text/tokens.h"
#include "quern/v1/document.pb.h"

namespace quern::generator {

// A token with what the rules ask about it.
struct Word {
  text::Token token;
  // As written, a view into the document.
  std::string_view text;
  // With ASCII letters in lower case.
  std::string lower;
  // text::WordClass bits of the lower-case word, and of the written form where it is capitalised.
  uint32_t classes;

  bool IsPunct() const { return token.kind == text::TokenKind::kPunct; }
  // An e-mail address in angle brackets, which tells whose name stands before it.
  bool IsAddress() const { return text.size() > 2 && text.front() == '<'; }
  bool IsNumber() const { return token.kind == text::TokenKind::kNumber; }
  bool Is(uint32_t bits) const { return (classes & bits) != 0; }
};

// One sentence of a document as words with their classes. Positions are indexes of words; a position past the end is
// safe in every function and matches nothing. Borrows the document's text.
class Sentence {
 public:
  // `begin` and `end` are bytes of `document`; `index` counts the document's sentences from 0.
  Sentence(std::string_view document, uint32_t begin, uint32_t end, size_t index);

  // Says how many sentences before this one the last sentence about the document's topic stands; 0: none that counts.
  void SetTopicDistance(size_t distance) { topic_distance_ = distance; }
  // The sentence right before is about the topic: a pronoun that leads this one stands for it.
  bool follows_topic() const { return topic_distance_ == 1; }
  // One of the three sentences before is about the topic: "the tower" stands for it.
  bool near_topic() const { return topic_distance_ >= 1 && topic_distance_ <= 3; }
  // Makes evidence begin at byte `begin`, where the sentence stands that tells what this one's subject is.
  void LeadEvidence(uint32_t begin) { evidence_begin_ = begin; }

  size_t size() const { return words_.size(); }
  size_t index() const { return index_; }
  const Word& operator[](size_t at) const { return at < words_.size() ? words_[at] : kNowhere; }
  // True when the word at `at`, in lower case, is `lower`.
  bool At(size_t at, std::string_view lower) const { return (*this)[at].lower == lower; }
  // True when the words from `at` on are those of `phrase`, separated by single spaces, in lower case.
  bool Phrase(size_t at, std::string_view phrase) const;
  // The "I" of "Gustav I", which is no pronoun.
  bool IsRegnalI(size_t at) const;
  // The words [from, to) as they stand in the document, white space collapsed.
  std::string Text(size_t from, size_t to) const;
  // Where they stand in the document.
  v1::Span Bytes(size_t from, size_t to) const;
  v1::Span Bytes() const;
  // The sentence, led by the one that tells what its pronoun stands for.
  v1::Span Evidence() const;
  std::string_view Source() const { return document_.substr(begin_, end_ - begin_); }
  // The position of the final full stop; size() when there is none.
  size_t Stop() const;
  // The first position at or after `from` where a clause may end: a comma, semicolon, colon, dash, bracket, or Stop().
  size_t ClauseEnd(size_t from) const;

 private:
  void JoinAddresses();

  static const Word kNowhere;
  std::string_view document_;
  uint32_t begin_;
  uint32_t end_;
  size_t index_;
  size_t topic_distance_ = 0;
  uint32_t evidence_begin_;
  std::vector<Word> words_;
};

}  // namespace quern::generator

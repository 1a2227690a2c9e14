#include "common/queue/document_codec.h"

#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "common/base/error.h"

namespace quern::queue {
namespace {

std::string Encoded(const std::string& text) {
  v1::Document document;
  document.set_id("d");
  document.set_text(text);
  return EncodeDocument(document);
}

std::shared_ptr<const DecodedDocument> Decoded(const std::string& text) {
  return DecodeDocument("job", "d", Encoded(text)).value();
}

TEST(DocumentCodecTest, ADocumentThatComesAgainIsTheSameObject) {
  const auto first = Decoded("A text that comes again.");
  EXPECT_EQ(first->document.text(), "A text that comes again.");
  EXPECT_EQ(first->stored_bytes, Encoded("A text that comes again.").size());
  EXPECT_EQ(Decoded("A text that comes again."), first);
  EXPECT_EQ(Decoded("Another text.")->document.text(), "Another text.");
}

TEST(DocumentCodecTest, ADocumentThatIsKeptIsHadWithoutItsBytes) {
  const auto first = Decoded("A text that is kept.");
  const uint64_t hash = DocumentHash(Encoded("A text that is kept."));
  EXPECT_EQ(KeptDocument("job", "d", hash), first);
}

TEST(DocumentCodecTest, AKeptDocumentIsNoOtherJobsNorIdsNorContents) {
  const auto first = Decoded("A text of this job.");
  const uint64_t hash = DocumentHash(Encoded("A text of this job."));
  EXPECT_EQ(KeptDocument("another", "d", hash), nullptr);
  EXPECT_EQ(KeptDocument("job", "another", hash), nullptr);
  EXPECT_EQ(KeptDocument("job", "d", DocumentHash(Encoded("A text that was never decoded."))), nullptr);
  EXPECT_EQ(KeptDocument("job", "d", 0), nullptr);
}

TEST(DocumentCodecTest, WhatNobodyDecodesAnyMoreIsGivenUp) {
  const std::weak_ptr<const DecodedDocument> old = Decoded("An old text.");
  const absl::Time later = absl::Now();
  const std::weak_ptr<const DecodedDocument> fresh = Decoded("A fresh text.");
  ForgetDocumentsUnusedSince(later);
  EXPECT_TRUE(old.expired());
  EXPECT_FALSE(fresh.expired());
}

TEST(DocumentCodecTest, WhatIsNoDocumentIsUnreadableEveryTime) {
  const std::string whole = Encoded(std::string(1000, 'x'));
  for (const std::string& bytes : {std::string(), std::string("no frame"), whole.substr(0, whole.size() / 2)}) {
    for (int i = 0; i < 2; ++i) {
      EXPECT_EQ(ErrorReason(DecodeDocument("job", "d", bytes).status()), "DOCUMENT_UNREADABLE");
    }
  }
}

}  // namespace
}  // namespace quern::queue

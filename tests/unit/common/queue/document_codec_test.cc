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

TEST(DocumentCodecTest, ADocumentThatComesAgainIsTheSameObject) {
  const auto first = DecodeDocument(Encoded("A text that comes again.")).value();
  EXPECT_EQ(first->text(), "A text that comes again.");
  EXPECT_EQ(DecodeDocument(Encoded("A text that comes again.")).value(), first);
  EXPECT_EQ(DecodeDocument(Encoded("Another text.")).value()->text(), "Another text.");
}

TEST(DocumentCodecTest, WhatNobodyDecodesAnyMoreIsGivenUp) {
  const std::weak_ptr<const v1::Document> old = DecodeDocument(Encoded("An old text.")).value();
  const absl::Time later = absl::Now();
  const std::weak_ptr<const v1::Document> fresh = DecodeDocument(Encoded("A fresh text.")).value();
  ForgetDocumentsUnusedSince(later);
  EXPECT_TRUE(old.expired());
  EXPECT_FALSE(fresh.expired());
}

TEST(DocumentCodecTest, WhatIsNoDocumentIsUnreadableEveryTime) {
  const std::string whole = Encoded(std::string(1000, 'x'));
  for (const std::string& bytes : {std::string(), std::string("no frame"), whole.substr(0, whole.size() / 2)}) {
    for (int i = 0; i < 2; ++i) EXPECT_EQ(ErrorReason(DecodeDocument(bytes).status()), "DOCUMENT_UNREADABLE");
  }
}

}  // namespace
}  // namespace quern::queue

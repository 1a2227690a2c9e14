#include "services/pipeline/document_check.h"

#include <gtest/gtest.h>

#include <string>

#include "common/base/hash.h"

namespace quern::pipeline {
namespace {

dataset::InputLimits Limits() {
  dataset::InputLimits limits;
  limits.max_document_bytes = 100;
  return limits;
}

v1::IngestEntry Completed(const std::string& id, const std::string& text) {
  v1::IngestEntry entry;
  entry.set_position(5);
  entry.mutable_document()->set_id(id);
  entry.mutable_document()->set_text(text);
  CompleteEntry(Limits(), &entry);
  EXPECT_EQ(entry.position(), 5u);
  return entry;
}

TEST(DocumentCheckTest, GivesContentsHashAsId) {
  EXPECT_EQ(Completed("", "some text").document().id(), ContentHash("some text"));
  EXPECT_EQ(Completed("mine", "some text").document().id(), "mine");
}

TEST(DocumentCheckTest, BadDocumentsBecomeUnreadableWithTheirReason) {
  EXPECT_EQ(Completed("a", "").unreadable().reason(), "EMPTY_TEXT");
  EXPECT_EQ(Completed("a", " \n").unreadable().reason(), "EMPTY_TEXT");
  EXPECT_EQ(Completed("a", std::string(101, 'x')).unreadable().reason(), "DOCUMENT_TOO_LARGE");
  EXPECT_TRUE(Completed("a", std::string(100, 'x')).has_document());
  EXPECT_EQ(Completed("a\nb", "text").unreadable().reason(), "INVALID_ID");
  EXPECT_EQ(Completed(std::string(257, 'i'), "text").unreadable().reason(), "INVALID_ID");
  EXPECT_TRUE(Completed(std::string(256, 'i'), "text").has_document());
}

TEST(DocumentCheckTest, EntriesWithoutContentAreNotSkipped) {
  v1::IngestEntry empty;
  CompleteEntry(Limits(), &empty);
  EXPECT_EQ(empty.unreadable().reason(), "EMPTY_ENTRY");
  v1::IngestEntry unnamed;
  unnamed.mutable_unreadable()->set_message("?");
  CompleteEntry(Limits(), &unnamed);
  EXPECT_EQ(unnamed.unreadable().reason(), "UNREADABLE");
}

}  // namespace
}  // namespace quern::pipeline

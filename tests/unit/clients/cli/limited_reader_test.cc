#include "clients/cli/limited_reader.h"

#include <gtest/gtest.h>

#include "tests/unit/clients/cli/fake_reader.h"

namespace quern::cli {
namespace {

std::vector<uint64_t> Rest(LimitedReader& reader) {
  std::vector<uint64_t> positions;
  v1::IngestEntry entry;
  while (*reader.Next(&entry)) positions.push_back(entry.position());
  return positions;
}

TEST(LimitedReaderTest, YieldsTheFirstEntries) {
  uint64_t taken = 0;
  LimitedReader reader(std::make_unique<FakeReader>(100, 1), 3, &taken);
  EXPECT_EQ(Rest(reader), (std::vector<uint64_t>{1, 2, 4}));
  EXPECT_EQ(taken, 3);
}

TEST(LimitedReaderTest, AResumedSourceStopsWhereAnUninterruptedOneWould) {
  uint64_t taken = 0;
  LimitedReader reader(std::make_unique<FakeReader>(100, 1), 5, &taken);
  ASSERT_TRUE(reader.SeekTo(4).ok());
  EXPECT_EQ(Rest(reader), (std::vector<uint64_t>{5, 7}));
}

TEST(LimitedReaderTest, NothingIsLeftWhenTheLimitWasReachedBefore) {
  uint64_t taken = 0;
  LimitedReader reader(std::make_unique<FakeReader>(100, 1), 2, &taken);
  ASSERT_TRUE(reader.SeekTo(2).ok());
  EXPECT_TRUE(Rest(reader).empty());
}

}  // namespace
}  // namespace quern::cli

#include "common/base/hash.h"

#include <gtest/gtest.h>

namespace quern {
namespace {

// Ids are stored in datasets: a change of this value would make every corpus look new.
TEST(HashTest, ContentHashIsFrozen) {
  EXPECT_EQ(ContentHash(""), "99aa06d3014798d86001c324468d497f");
  EXPECT_EQ(ContentHash("quern").size(), 32u);
  EXPECT_NE(ContentHash("quern"), ContentHash("Quern"));
}

TEST(HashTest, SeedChangesTheHash) { EXPECT_NE(Hash64("a", 1), Hash64("a", 2)); }

}  // namespace
}  // namespace quern

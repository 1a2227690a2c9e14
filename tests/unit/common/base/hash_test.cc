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

TEST(HashTest, APrefixHashesWithItsRestAsTheirWhole) {
  const std::string text(1000, 'x');
  for (const size_t at : {size_t{0}, size_t{1}, size_t{300}, text.size()}) {
    const HashedPrefix prefix(text.substr(0, at));
    EXPECT_EQ(prefix.ContentHashWith(text.substr(at)), ContentHash(text)) << at;
    EXPECT_EQ(prefix.ContentHashWith("y"), ContentHash(text.substr(0, at) + "y")) << at;
  }
}

TEST(HashTest, SeedChangesTheHash) {
  EXPECT_NE(Hash64("a", 1), Hash64("a", 2));
  EXPECT_NE(Hash128("a", 1), Hash128("a", 2));
}

}  // namespace
}  // namespace quern

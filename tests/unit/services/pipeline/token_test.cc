#include "services/pipeline/token.h"

#include <gtest/gtest.h>

#include "common/base/error.h"

namespace quern::pipeline {
namespace {

TEST(TokenTest, CarriesItsPayload) {
  for (const std::string& payload : {std::string(""), std::string("7.12"), std::string("\0\xff\n", 3)}) {
    const auto decoded = DecodeToken("ReadRecords jobs/a", EncodeToken("ReadRecords jobs/a", payload));
    ASSERT_TRUE(decoded.ok());
    EXPECT_EQ(*decoded, payload);
  }
}

TEST(TokenTest, RefusesTokensOfOtherCallsJobsAndFilters) {
  const std::string token = EncodeToken("ReadRecords jobs/a", "7.12");
  EXPECT_EQ(ErrorReason(DecodeToken("ReadRecords jobs/b", token).status()), "INVALID_TOKEN");
  EXPECT_EQ(ErrorReason(DecodeToken("ListDeadLetters jobs/a", token).status()), "INVALID_TOKEN");
}

TEST(TokenTest, RefusesWhatWasMendedByHand) {
  const std::string token = EncodeToken("s", "7.12");
  for (size_t i = 0; i < token.size(); ++i) {
    std::string mended = token;
    mended[i] = mended[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(DecodeToken("s", mended).ok()) << i;
  }
  for (const char* text : {"", "x", "not base64!", "7.12"}) EXPECT_FALSE(DecodeToken("s", text).ok()) << text;
}

}  // namespace
}  // namespace quern::pipeline

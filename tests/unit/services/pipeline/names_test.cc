#include "services/pipeline/names.h"

#include <gtest/gtest.h>

#include <string>

#include "common/base/error.h"

namespace quern::pipeline {
namespace {

TEST(NamesTest, TakesTheJobIdsOfTheContract) {
  EXPECT_TRUE(CheckJobId("a").ok());
  EXPECT_TRUE(CheckJobId("wiki-2026-11").ok());
  EXPECT_TRUE(CheckJobId(std::string(63, 'z')).ok());
}

// Job ids name folders: anything that could leave the data folder or clash in Redis must be refused.
TEST(NamesTest, RefusesWhatCouldEscape) {
  for (const std::string& id :
       {std::string(""), std::string("9a"), std::string("-a"), std::string("A"), std::string("a_b"), std::string("a/b"),
        std::string(".."), std::string("a{b}"), std::string("a\0b", 3), std::string("ä"), std::string(64, 'z')}) {
    const absl::Status status = CheckJobId(id);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << id;
    EXPECT_EQ(ErrorReason(status), "INVALID_JOB_ID") << id;
  }
}

TEST(NamesTest, NameAndIdAreInverse) {
  EXPECT_EQ(JobName("wiki"), "jobs/wiki");
  EXPECT_EQ(*JobIdOf("jobs/wiki"), "wiki");
  for (const char* name : {"", "wiki", "jobs/", "jobs/../x", "job/wiki", "jobs/wiki/", "jobs/Wiki"}) {
    EXPECT_EQ(ErrorReason(JobIdOf(name).status()), "INVALID_JOB_NAME") << name;
  }
}

TEST(NamesTest, PageSizesAreClampedAndNegativeOnesRefused) {
  EXPECT_EQ(*PageLimit(0), 100u);
  EXPECT_EQ(*PageLimit(7), 7u);
  EXPECT_EQ(*PageLimit(2'000'000'000), 1000u);
  EXPECT_EQ(ErrorReason(PageLimit(-1).status()), "INVALID_PAGE_SIZE");
}

}  // namespace
}  // namespace quern::pipeline

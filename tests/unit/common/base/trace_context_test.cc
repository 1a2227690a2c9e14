#include "common/base/trace_context.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "common/base/hash.h"

namespace quern {
namespace {

using ::testing::MatchesRegex;

constexpr char kTrace[] = "4bf92f3577b34da6a3ce929d0e0e4736";
constexpr char kValid[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(TraceContextTest, ReadsAValidHeader) {
  const auto context = ParseTraceparent(kValid);
  ASSERT_TRUE(context.has_value());
  EXPECT_EQ(context->trace_id, kTrace);
  EXPECT_TRUE(context->sampled);
}

TEST(TraceContextTest, KnowsOneFlagAndIgnoresOthers) {
  const std::string head = std::string(kValid).substr(0, 53);
  for (const auto& [flags, sampled] :
       {std::pair("00", false), {"02", false}, {"fe", false}, {"03", true}, {"ff", true}}) {
    const auto context = ParseTraceparent(head + flags);
    ASSERT_TRUE(context.has_value()) << flags;
    EXPECT_EQ(context->sampled, sampled) << flags;
  }
}

TEST(TraceContextTest, ReadsVersionsToComeAsFarAsTheyAreKnown) {
  const std::string rest = std::string(kValid).substr(2);
  for (const std::string& value : {"01" + rest, "cc" + rest + "-what-the-future-brings", "fe" + rest + "-"}) {
    const auto context = ParseTraceparent(value);
    ASSERT_TRUE(context.has_value()) << value;
    EXPECT_EQ(context->trace_id, kTrace);
  }
}

TEST(TraceContextTest, TakesNothingElse) {
  const std::string valid = kValid;
  const std::string rest = valid.substr(2);
  const auto with = [&](size_t at, const std::string& text) {
    std::string changed = valid;
    return changed.replace(at, text.size(), text);
  };
  for (const std::string& value :
       {std::string(), std::string("00"), valid.substr(0, 54), " " + valid, valid + " ",
        // What follows version 00, and what follows a later one without a dash.
        valid + "-", valid + "0", "01" + rest + "x",
        // Versions.
        "ff" + rest, "0G" + rest, "0A" + rest,
        // Upper case, other digits, dashes elsewhere.
        with(3, "4BF9"), with(3, "xyz0"), with(36, "00F0"), with(53, "0A"), with(53, "0x"), with(2, "0"), with(35, "0"),
        with(52, "0"),
        // Nothing but zeros.
        with(3, std::string(32, '0')), with(36, std::string(16, '0')), std::string(55, '-'), std::string(55, '\0')}) {
    EXPECT_FALSE(ParseTraceparent(value).has_value()) << value;
  }
}

TEST(TraceContextTest, WritesANewSpanEachTime) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string value = NewTraceparent(TraceContext{kTrace, true});
    ASSERT_THAT(value, MatchesRegex("00-4bf92f3577b34da6a3ce929d0e0e4736-[0-9a-f]{16}-01"));
    const auto read = ParseTraceparent(value);
    ASSERT_TRUE(read.has_value()) << value;
    EXPECT_EQ(read->trace_id, kTrace);
    EXPECT_TRUE(seen.insert(value).second) << value;
  }
  EXPECT_THAT(NewTraceparent(TraceContext{kTrace, false}), MatchesRegex("00-.*-00"));
}

TEST(TraceContextTest, BeginsTracesThatDiffer) {
  const TraceContext trace = NewTrace();
  EXPECT_TRUE(ParseTraceparent(NewTraceparent(trace)).has_value()) << trace.trace_id;
  EXPECT_NE(trace.trace_id, NewTrace().trace_id);
}

// Users compute it as the documentation tells.
TEST(TraceContextTest, DerivesADocumentsTraceFromJobAndId) {
  EXPECT_EQ(DerivedTraceId("run", "elements/boron"), ContentHash("run/elements/boron"));
  EXPECT_NE(DerivedTraceId("a", "b"), DerivedTraceId("ab", ""));
  const TraceContext derived = TraceOfDocument("run", "d", "");
  EXPECT_EQ(derived.trace_id, DerivedTraceId("run", "d"));
  EXPECT_TRUE(derived.sampled);
}

TEST(TraceContextTest, TakesADocumentsOwnTraceWhereItIsValid) {
  EXPECT_EQ(TraceOfDocument("run", "d", kValid).trace_id, kTrace);
  EXPECT_EQ(TraceOfDocument("run", "d", "00-nonsense").trace_id, DerivedTraceId("run", "d"));
}

}  // namespace
}  // namespace quern

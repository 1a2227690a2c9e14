#include "common/service/access.h"

#include <gmock/gmock.h>
#include <grpcpp/test/server_context_test_spouse.h>
#include <gtest/gtest.h>

#include <fstream>

#include "common/base/config/file.h"
#include "common/base/error.h"
#include "common/base/log.h"
#include "tests/support/wait_until.h"

namespace quern::service {
namespace {

using ::quern::testing::WaitUntil;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kReader[] = "reader-0123456789abcdef";
constexpr char kSubmitter[] = "submit-0123456789abcdef";
constexpr char kAdmin[] = "admin-00123456789abcdef";

std::string TokensFile(const std::string& text) {
  const std::string path =
      ::testing::TempDir() + "/" + ::testing::UnitTest::GetInstance()->current_test_info()->name() + ".tokens";
  std::ofstream(path) << text;
  return path;
}

std::string Usual() {
  return std::string("# who may what\nread  ann ") + kReader + "\nsubmit ben " + kSubmitter + "\n\nadmin\tcat\t" +
         kAdmin + "\n";
}

// The reason with which a call with this header is refused; "" where it is let in.
std::string Refused(const Access& access, Role role, const std::string& header) {
  grpc::ServerContext context;
  grpc::testing::ServerContextTestSpouse spouse(&context);
  if (!header.empty()) spouse.AddClientMetadata("authorization", header);
  return ErrorReason(access.Check(context, role));
}

std::string Bearer(const std::string& token) { return "Bearer " + token; }

TEST(AccessTest, ARoleMayWhatThoseBelowItMay) {
  const auto access = Access::Open(TokensFile(Usual()));
  ASSERT_TRUE(access.ok()) << access.status();
  const std::vector<std::string> callers = {kReader, kSubmitter, kAdmin};
  for (size_t caller = 0; caller < callers.size(); ++caller) {
    for (size_t role = 0; role < callers.size(); ++role) {
      EXPECT_EQ(Refused(**access, static_cast<Role>(role), Bearer(callers[caller])),
                role <= caller ? "" : "ROLE_TOO_LOW");
    }
  }
}

TEST(AccessTest, NobodyComesInWithoutATokenOfTheFile) {
  const auto access = Access::Open(TokensFile(Usual()));
  ASSERT_TRUE(access.ok()) << access.status();
  EXPECT_EQ(Refused(**access, Role::kRead, ""), "NO_TOKEN");
  EXPECT_EQ(Refused(**access, Role::kRead, "Basic YTpi"), "NO_TOKEN");
  EXPECT_EQ(Refused(**access, Role::kRead, "Bearer "), "UNKNOWN_TOKEN");
  EXPECT_EQ(Refused(**access, Role::kRead, Bearer(std::string(kReader) + "x")), "UNKNOWN_TOKEN");
  EXPECT_EQ(Refused(**access, Role::kRead, Bearer("reader-0123456789abcdeg")), "UNKNOWN_TOKEN");
  EXPECT_EQ(Refused(**access, Role::kRead, "bearer " + std::string(kReader)), "");
}

TEST(AccessTest, WithoutAFileEverybodyMayDoEverything) {
  const auto access = Access::Open("");
  ASSERT_TRUE(access.ok());
  EXPECT_EQ(Refused(**access, Role::kAdmin, ""), "");
}

TEST(AccessTest, TokensComeAndGoWhileItRuns) {
  const std::string file = TokensFile(Usual());
  const std::string log = file + ".log";
  InitLoggingToFile("quern-test", LogLevel::kInfo, log);
  const auto access = Access::Open(file);
  ASSERT_TRUE(access.ok()) << access.status();
  const std::string fresh = "fresh-0123456789abcdef";
  std::ofstream(file) << "admin dan " << fresh << "\n";
  WaitUntil([&] { return Refused(**access, Role::kAdmin, Bearer(fresh)).empty(); }, "the new token is known");
  EXPECT_EQ(Refused(**access, Role::kRead, Bearer(kAdmin)), "UNKNOWN_TOKEN");
  // A broken file, then none: those from before hold.
  std::ofstream(file) << "admin dan\n";
  WaitUntil([&] { return config::ReadSmallFile(log)->find("cannot be read") != std::string::npos; },
            "the broken file is told of");
  EXPECT_EQ(Refused(**access, Role::kAdmin, Bearer(fresh)), "");
  std::remove(file.c_str());
  std::ofstream(file) << Usual();
  WaitUntil([&] { return Refused(**access, Role::kAdmin, Bearer(kAdmin)).empty(); }, "the file is good again");
}

TEST(AccessTest, ABadFileIsToldByItsLineAndNotByItsToken) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"read ann secret-0123456789abcdef\nwrite ben secret-1123456789abcdef", "line 2: the first word is no role"},
      {"secret-0123456789abcdef ann read", "line 1: the first word is no role"},
      {"read secret-0123456789abcdef", "line 1: expects ROLE NAME TOKEN"},
      {"read ann secret", "line 1: a token has at least 16"},
      {"read ann secret-0123456789abcdef\n\nadmin ben secret-0123456789abcdef", "line 3: this token stands"},
      {"# nobody\n", "holds no token"},
      {"", "holds no token"},
  };
  for (const auto& [text, what] : cases) {
    const auto access = Access::Open(TokensFile(text));
    ASSERT_FALSE(access.ok()) << text;
    EXPECT_EQ(ErrorReason(access.status()), "INVALID_TOKENS");
    EXPECT_THAT(std::string(access.status().message()), HasSubstr(what));
    EXPECT_THAT(std::string(access.status().message()), Not(HasSubstr("secret-")));
  }
  EXPECT_EQ(ErrorReason(Access::Open("/nowhere/tokens").status()), "NO_SUCH_FILE");
}

}  // namespace
}  // namespace quern::service

#include "common/service/access.h"

#include <grpcpp/server_context.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <optional>
#include <set>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include "common/base/absl_view.h"
#include "common/base/config/file.h"
#include "common/base/error.h"
#include "common/base/log.h"

namespace quern::service {
namespace {

constexpr absl::Duration kReadAgain = absl::Seconds(1);
constexpr size_t kLeastToken = 16;
constexpr char kHeader[] = "authorization";
constexpr std::string_view kScheme = "bearer ";

std::optional<Role> RoleNamed(std::string_view name) {
  if (name == "read") return Role::kRead;
  if (name == "submit") return Role::kSubmit;
  if (name == "admin") return Role::kAdmin;
  return std::nullopt;
}

const char* RoleName(Role role) {
  switch (role) {
    case Role::kRead:
      return "read";
    case Role::kSubmit:
      return "submit";
    case Role::kAdmin:
      return "admin";
  }
  return "";
}

absl::Status BadLine(size_t line, std::string_view what) {
  return MakeError(absl::StatusCode::kInvalidArgument, "INVALID_TOKENS", absl::StrFormat("line %d: %s", line, what));
}

// Takes as long whatever is alike: how long a refusal took must not tell how much of a token was right.
bool SameToken(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

absl::Status Unauthenticated(const char* reason, std::string_view message) {
  return MakeError(absl::StatusCode::kUnauthenticated, reason, message);
}

}  // namespace

absl::StatusOr<std::vector<Caller>> ParseTokens(std::string_view text) {
  std::vector<Caller> callers;
  std::set<std::string, std::less<>> tokens;
  size_t number = 0;
  for (const absl::string_view line : absl::StrSplit(AbslView(text), '\n')) {
    ++number;
    const std::vector<std::string> words = absl::StrSplit(line, absl::ByAnyChar(" \t\r"), absl::SkipEmpty());
    if (words.empty() || words[0][0] == '#') continue;
    if (words.size() != 3) return BadLine(number, "expects ROLE NAME TOKEN");
    const std::optional<Role> role = RoleNamed(words[0]);
    // Not repeated: in the wrong order it would be the token.
    if (!role) return BadLine(number, "the first word is no role: read, submit or admin");
    const std::string& token = words[2];
    const auto printable = [](unsigned char c) { return c > 0x20 && c < 0x7f; };
    if (token.size() < kLeastToken || !std::all_of(token.begin(), token.end(), printable)) {
      return BadLine(number, absl::StrFormat("a token has at least %d printable characters of ASCII; make one by "
                                             "\"openssl rand -hex 32\"",
                                             kLeastToken));
    }
    if (!tokens.insert(token).second) return BadLine(number, "this token stands in the file already");
    callers.push_back({*role, words[1], token});
  }
  if (callers.empty()) return MakeError(absl::StatusCode::kInvalidArgument, "INVALID_TOKENS", "holds no token");
  return callers;
}

class Access::Impl {
 public:
  explicit Impl(std::string tokens_file) : path_(std::move(tokens_file)) {}

  ~Impl() {
    {
      absl::MutexLock lock(&mutex_);
      stopping_ = true;
    }
    if (thread_.joinable()) thread_.join();
  }

  absl::Status Start() {
    if (path_.empty()) return absl::OkStatus();
    QUERN_RETURN_IF_ERROR(Read());
    thread_ = std::thread([this] { Work(); });
    return absl::OkStatus();
  }

  absl::Status Check(const grpc::ServerContextBase& context, Role role) const {
    if (path_.empty()) return absl::OkStatus();
    const auto& metadata = context.client_metadata();
    const auto found = metadata.find(kHeader);
    if (found == metadata.end()) {
      return Unauthenticated("NO_TOKEN",
                             "this server asks for a token: send \"authorization: Bearer TOKEN\", or give "
                             "the command line a --token-file");
    }
    const absl::string_view value(found->second.data(), found->second.size());
    if (!absl::StartsWithIgnoreCase(value, AbslView(kScheme))) {
      return Unauthenticated("NO_TOKEN", "\"authorization\" expects \"Bearer TOKEN\"");
    }
    return CheckToken(StdView(value.substr(kScheme.size())), role);
  }

 private:
  absl::Status CheckToken(std::string_view token, Role role) const {
    absl::MutexLock lock(&mutex_);
    const Caller* caller = nullptr;
    for (const Caller& one : callers_) {
      if (SameToken(one.token, token)) caller = &one;
    }
    if (caller == nullptr) return Unauthenticated("UNKNOWN_TOKEN", "the token is none of this server's");
    if (caller->role >= role) return absl::OkStatus();
    return MakeError(
        absl::StatusCode::kPermissionDenied, "ROLE_TOO_LOW",
        absl::StrFormat("%s has the role %s; this needs %s", caller->name, RoleName(caller->role), RoleName(role)));
  }

  // Takes over what the file holds. Leaves the callers as they are where it cannot.
  absl::Status Read() {
    const absl::StatusOr<std::string> text = config::ReadSmallFile(path_);
    std::string seen = text.ok() ? *text : std::string(text.status().message());
    if (seen == seen_) return absl::OkStatus();
    const bool again = std::exchange(seen_, std::move(seen)).has_value();
    QUERN_RETURN_IF_ERROR(text.status());
    auto callers = ParseTokens(*text);
    if (!callers.ok()) return WithContext(callers.status(), path_);
    absl::MutexLock lock(&mutex_);
    callers_ = *std::move(callers);
    if (again) LogInfo("the tokens were read again", {{"file", path_}, {"tokens", callers_.size()}});
    return absl::OkStatus();
  }

  void Work() {
    while (!Stopped()) {
      const absl::Status status = Read();
      if (!status.ok()) {
        LogError("the tokens cannot be read; those from before hold", {{"file", path_}, {"error", status}});
      }
    }
  }

  // Waits for the next look.
  bool Stopped() {
    absl::MutexLock lock(&mutex_);
    return mutex_.AwaitWithTimeout(absl::Condition(&stopping_), kReadAgain);
  }

  const std::string path_;
  // The file as it was read last, or why it could not be. Of Start, then of the thread.
  std::optional<std::string> seen_;
  mutable absl::Mutex mutex_;
  std::vector<Caller> callers_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

Access::Access(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Access::~Access() = default;

absl::StatusOr<std::unique_ptr<Access>> Access::Open(const std::string& tokens_file) {
  auto impl = std::make_unique<Impl>(tokens_file);
  QUERN_RETURN_IF_ERROR(impl->Start());
  return std::unique_ptr<Access>(new Access(std::move(impl)));
}

const Access& Access::Everybody() {
  static const Access& everybody = *new Access(std::make_unique<Impl>(""));
  return everybody;
}

absl::Status Access::Check(const grpc::ServerContextBase& context, Role role) const {
  const absl::Status status = impl_->Check(context, role);
  if (!status.ok()) LogWarning("a call was refused", {{"peer", context.peer()}, {"error", status}});
  return status;
}

}  // namespace quern::service

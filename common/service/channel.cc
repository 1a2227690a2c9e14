#include "common/service/channel.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/support/client_interceptor.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/config/file.h"
#include "common/base/error.h"
#include "common/base/log.h"
#include "common/service/grpc_log.h"
#include "common/service/tls.h"

namespace quern::service {
namespace {

absl::StatusOr<std::string> ReadToken(const std::string& file) {
  QUERN_ASSIGN_OR_RETURN(const std::string text, config::ReadSmallFile(file));
  std::string token(absl::StripAsciiWhitespace(text));
  // gRPC ends the process over a header that it cannot send.
  const auto printable = [](unsigned char c) { return c > 0x20 && c < 0x7f; };
  if (!token.empty() && std::all_of(token.begin(), token.end(), printable)) return token;
  return MakeError(absl::StatusCode::kInvalidArgument, "INVALID_TOKEN",
                   absl::StrCat(file, token.empty() ? " is empty"
                                                    : " does not hold one token alone, a word of printable ASCII; the "
                                                      "server's file of tokens is another one"));
}

// Sends the token that a file holds when the call starts. gRPC's own call credentials refuse to do so in plaintext,
// which a private network or a proxy that encrypts may well want.
class TokenSender : public grpc::experimental::Interceptor {
 public:
  explicit TokenSender(const std::string& file) : file_(file) {}

  void Intercept(grpc::experimental::InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(grpc::experimental::InterceptionHookPoints::PRE_SEND_INITIAL_METADATA)) {
      const absl::StatusOr<std::string> token = ReadToken(file_);
      if (token.ok()) {
        methods->GetSendInitialMetadata()->emplace("authorization", absl::StrCat("Bearer ", *token));
      } else {
        LogWarning("a call is made without a token", {{"error", token.status()}});
      }
    }
    methods->Proceed();
  }

 private:
  const std::string& file_;
};

class TokenSenders : public grpc::experimental::ClientInterceptorFactoryInterface {
 public:
  explicit TokenSenders(std::string file) : file_(std::move(file)) {}

  grpc::experimental::Interceptor* CreateClientInterceptor(grpc::experimental::ClientRpcInfo*) override {
    return new TokenSender(file_);
  }

 private:
  const std::string file_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::Channel>> MakeChannel(const std::string& address, const v1::CallConfig& config,
                                                           const grpc::ChannelArguments& arguments) {
  TakeGrpcLog();
  QUERN_ASSIGN_OR_RETURN(const std::shared_ptr<grpc::ChannelCredentials> credentials, ClientTls(config));
  if (config.token_file().empty()) return grpc::CreateCustomChannel(address, credentials, arguments);
  QUERN_RETURN_IF_ERROR(ReadToken(config.token_file()).status());
  std::vector<std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface>> interceptors;
  interceptors.push_back(std::make_unique<TokenSenders>(config.token_file()));
  return grpc::experimental::CreateCustomChannelWithInterceptors(address, credentials, arguments,
                                                                 std::move(interceptors));
}

}  // namespace quern::service

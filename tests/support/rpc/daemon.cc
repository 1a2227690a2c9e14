#include "tests/support/rpc/daemon.h"

namespace quern::testing {
namespace {

std::vector<std::string> Words(const std::string& program, const std::vector<std::string>& flags) {
  std::vector<std::string> words = {program, "--listen", "127.0.0.1:0", "--metrics", "127.0.0.1:0"};
  words.insert(words.end(), flags.begin(), flags.end());
  return words;
}

}  // namespace

Daemon::Daemon(const std::string& program, const std::vector<std::string>& flags) : process_(Words(program, flags)) {}

bool Daemon::WaitUntilItServes() { return process_.WaitForStderr("\"message\":\"serving\"", absl::Seconds(60)); }

std::shared_ptr<grpc::Channel> Daemon::Channel() const {
  return grpc::CreateChannel(grpc_address(), grpc::InsecureChannelCredentials());
}

std::string Daemon::Field(const std::string& name) const {
  const std::string log = process_.Stderr();
  const std::string key = "\"" + name + "\":\"";
  const size_t begin = log.find(key);
  if (begin == std::string::npos) return "";
  return log.substr(begin + key.size(), log.find('"', begin + key.size()) - begin - key.size());
}

}  // namespace quern::testing

#include "common/llm/plain_server.h"

#include <algorithm>
#include <utility>

namespace quern::llm {
namespace {

using Clock = std::chrono::steady_clock;

// As long as libcurl believes in an address.
constexpr auto kAddressesAge = std::chrono::seconds(60);
// Servers keep idle connections from 5 s (uvicorn) to 75 s (nginx).
constexpr auto kIdle = std::chrono::seconds(60);
constexpr auto kCleaning = std::chrono::seconds(20);
// Enough for an answer as models give it.
constexpr size_t kBufferBytes = 64 << 10;

}  // namespace

PlainServer::PlainServer(boost::asio::io_context& loop, std::string host, std::string port,
                         const std::string& user_agent)
    : loop_(loop),
      host_(std::move(host)),
      port_(std::move(port)),
      user_agent_(user_agent),
      buffer_(kBufferBytes),
      resolver_(loop),
      cleaning_(loop) {}

PlainServer::~PlainServer() {
  const auto busy = std::exchange(busy_, {});
  for (const auto& connection : busy) connection->End(CURLE_ABORTED_BY_CALLBACK);
}

void PlainServer::Start(std::shared_ptr<PlainCall> call) {
  if (std::shared_ptr<PlainConnection> kept = TakeIdle()) {
    busy_.insert(kept);
    return kept->Serve(std::move(call));
  }
  auto fresh = std::make_shared<PlainConnection>(loop_, this);
  busy_.insert(fresh);
  fresh->Await(std::move(call));
  // Old addresses serve until there are new ones.
  if (addresses_.empty() || Clock::now() - looked_up_ > kAddressesAge) LookUp();
  if (addresses_.empty()) {
    waiting_.push_back(std::move(fresh));
  } else {
    fresh->Connect(addresses_);
  }
}

std::shared_ptr<PlainConnection> PlainServer::TakeIdle() {
  while (!idle_.empty()) {
    const std::shared_ptr<PlainConnection> last = std::move(idle_.back());
    idle_.pop_back();
    if (last->IsAlive()) return last;
    last->Close();
  }
  return nullptr;
}

void PlainServer::LookUp() {
  if (std::exchange(looking_up_, true)) return;
  boost::system::error_code error;
  const auto literal = boost::asio::ip::make_address(host_, error);
  if (!error) {
    looking_up_ = false;
    looked_up_ = Clock::now();
    addresses_ = {{literal, static_cast<uint16_t>(std::stoi(port_))}};
    return;
  }
  resolver_.async_resolve(host_, port_, Resolver::numeric_service,
                          [this](const boost::system::error_code& failed, const Resolver::results_type& found) {
                            LookedUp(failed, found);
                          });
}

void PlainServer::LookedUp(const boost::system::error_code& error, const Resolver::results_type& found) {
  looking_up_ = false;
  if (!error) {
    looked_up_ = Clock::now();
    addresses_.clear();
    for (const auto& entry : found) addresses_.push_back(entry.endpoint());
  }
  for (const auto& connection : std::exchange(waiting_, {})) {
    if (addresses_.empty()) {
      connection->End(CURLE_COULDNT_RESOLVE_HOST);
    } else {
      connection->Connect(addresses_);
    }
  }
}

void PlainServer::Works(const boost::asio::ip::tcp::endpoint& address) {
  const auto found = std::find(addresses_.begin(), addresses_.end(), address);
  if (found != addresses_.end()) std::rotate(addresses_.begin(), found, found + 1);
}

void PlainServer::Keep(const std::shared_ptr<PlainConnection>& connection) {
  busy_.erase(connection);
  idle_.push_back(connection);
  CloseOldLater();
}

void PlainServer::Forget(const std::shared_ptr<PlainConnection>& connection) {
  busy_.erase(connection);
  std::erase(idle_, connection);
}

void PlainServer::CloseOldLater() {
  if (std::exchange(cleans_, true)) return;
  cleaning_.expires_after(kCleaning);
  cleaning_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    cleans_ = false;
    const auto too_old = Clock::now() - kIdle;
    const auto young = std::find_if(idle_.begin(), idle_.end(),
                                    [&](const auto& connection) { return connection->idle_since() > too_old; });
    const std::vector<std::shared_ptr<PlainConnection>> old(idle_.begin(), young);
    idle_.erase(idle_.begin(), young);
    for (const auto& connection : old) connection->Close();
    if (!idle_.empty()) CloseOldLater();
  });
}

}  // namespace quern::llm

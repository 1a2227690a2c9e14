#include "services/simulator/server.h"

#include <boost/asio/post.hpp>
#include <csignal>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/file_limit.h"
#include "common/base/log.h"
#include "services/simulator/connection.h"

namespace quern::simulator {
namespace {

using boost::asio::ip::tcp;

// After a connection could not be accepted, for want of file descriptors mostly.
constexpr auto kAcceptPause = std::chrono::milliseconds(50);

absl::Status CannotListen(const ServerOptions& options, const boost::system::error_code& error) {
  return MakeError(absl::StatusCode::kUnavailable, "CANNOT_LISTEN",
                   absl::StrCat("cannot listen on ", options.host, ":", options.port, ": ", error.message()));
}

}  // namespace

Server::Server(ServerOptions options, Simulator& simulator) : options_(std::move(options)), simulator_(simulator) {
  // The hint spares what loops with several threads need; posts from other threads stay allowed.
  for (size_t i = 0; i < options_.threads; ++i) loops_.push_back(std::make_unique<Loop>(1));
  acceptor_ = std::make_unique<tcp::acceptor>(*loops_.front());
  pause_ = std::make_unique<boost::asio::steady_timer>(*loops_.front());
  signals_ = std::make_unique<boost::asio::signal_set>(*loops_.front(), SIGTERM, SIGINT);
}

Server::~Server() {
  // The first loop goes first: its accept holds a socket of another.
  signals_.reset();
  pause_.reset();
  acceptor_.reset();
  for (std::unique_ptr<Loop>& loop : loops_) loop.reset();
}

absl::Status Server::Listen() {
  RaiseFileLimit();
  std::signal(SIGPIPE, SIG_IGN);
  boost::system::error_code error;
  tcp::resolver resolver(*loops_.front());
  const auto found = resolver.resolve(options_.host, std::to_string(options_.port), tcp::resolver::passive, error);
  if (error) return CannotListen(options_, error);
  const tcp::endpoint endpoint = *found.begin();
  acceptor_->open(endpoint.protocol(), error);
  if (!error) acceptor_->set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_->bind(endpoint, error);
  if (!error) acceptor_->listen(boost::asio::socket_base::max_listen_connections, error);
  return error ? CannotListen(options_, error) : absl::OkStatus();
}

std::string Server::Address() const {
  boost::system::error_code error;
  const tcp::endpoint endpoint = acceptor_->local_endpoint(error);
  const std::string address = endpoint.address().to_string();
  return absl::StrCat(endpoint.address().is_v6() ? absl::StrCat("[", address, "]") : address, ":", endpoint.port());
}

void Server::Run() {
  signals_->async_wait([this](const boost::system::error_code& error, int /*number*/) {
    if (!error) Stop();
  });
  Accept();
  std::vector<boost::asio::executor_work_guard<Loop::executor_type>> busy;
  for (const std::unique_ptr<Loop>& loop : loops_) busy.emplace_back(loop->get_executor());
  std::vector<std::thread> threads;
  for (size_t i = 1; i < loops_.size(); ++i) threads.emplace_back([this, i] { loops_[i]->run(); });
  loops_.front()->run();
  for (std::thread& thread : threads) thread.join();
}

void Server::Accept() {
  Loop& loop = *loops_[accepted_++ % loops_.size()];
  acceptor_->async_accept(loop, [this, &loop](const boost::system::error_code& error, tcp::socket socket) {
    if (error == boost::asio::error::operation_aborted) return;
    if (error) {
      LogWarning("cannot accept a connection", {{"error", error.message()}});
      pause_->expires_after(kAcceptPause);
      pause_->async_wait([this](const boost::system::error_code& stopped) {
        if (!stopped) Accept();
      });
      return;
    }
    auto connection = std::make_shared<Connection>(std::move(socket), simulator_);
    if (&loop == loops_.front().get()) {
      connection->Start();
    } else {
      boost::asio::post(loop, [connection = std::move(connection)] { connection->Start(); });
    }
    Accept();
  });
}

void Server::Stop() {
  for (const std::unique_ptr<Loop>& loop : loops_) loop->stop();
}

}  // namespace quern::simulator

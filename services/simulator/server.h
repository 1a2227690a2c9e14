#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/simulator/options.h"
#include "services/simulator/simulator.h"

namespace quern::simulator {

// Accepts connections and spreads them over threads with a loop each. Not thread-safe.
class Server {
 public:
  // `simulator` outlives it.
  Server(ServerOptions options, Simulator& simulator);
  ~Server();

  // Binds and listens. UNAVAILABLE, reason CANNOT_LISTEN.
  absl::Status Listen();
  // "127.0.0.1:43211"; once it listens.
  std::string Address() const;

  // Serves until SIGTERM or SIGINT comes; connections end at once then. Blocks.
  void Run();

 private:
  using Loop = boost::asio::io_context;

  void Accept();
  void Stop();

  const ServerOptions options_;
  Simulator& simulator_;
  // The first one accepts and waits for signals.
  std::vector<std::unique_ptr<Loop>> loops_;
  std::unique_ptr<boost::asio::ip::tcp::acceptor> acceptor_;
  std::unique_ptr<boost::asio::steady_timer> pause_;
  std::unique_ptr<boost::asio::signal_set> signals_;
  size_t accepted_ = 0;
};

}  // namespace quern::simulator

#include "common/llm/curl_sockets.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace quern::llm {

CurlSockets::~CurlSockets() {
  for (auto& [socket, watched] : watched_) {
    if (watched.watch != nullptr) watched.watch->End();
  }
}

void CurlSockets::Serve(CURL* easy) {
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, &CurlSockets::OnClose);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, this);
}

curl_socket_t CurlSockets::Open(const curl_sockaddr& address) {
  const curl_socket_t socket = ::socket(address.family, address.socktype | SOCK_CLOEXEC, address.protocol);
  if (socket < 0) return CURL_SOCKET_BAD;
  const int wanted = End(socket);
  auto watch = SocketWatch::Of(loop_, socket, on_ready_);
  if (watch == nullptr) {
    const int error = errno;
    ::close(socket);
    errno = error;
    return CURL_SOCKET_BAD;
  }
  watch->Want(wanted);
  watched_[socket] = {.watch = std::move(watch), .connection = true};
  return socket;
}

void CurlSockets::Watch(curl_socket_t socket, int wanted) {
  Watched& watched = watched_[socket];
  if (wanted == CURL_POLL_REMOVE) {
    if (watched.connection && !watched.kept) watched.kept = watched.watch->Watches(socket);
    if (!watched.kept) {
      End(socket);
      return;
    }
    wanted = CURL_POLL_NONE;
  }
  if (watched.watch == nullptr) watched.watch = SocketWatch::Of(loop_, socket, on_ready_);
  // Without one libcurl looks at its pipes from time to time.
  if (watched.watch != nullptr) watched.watch->Want(wanted);
}

int CurlSockets::OnClose(void* self, curl_socket_t socket) {
  static_cast<CurlSockets*>(self)->End(socket);
  return ::close(socket);
}

int CurlSockets::End(curl_socket_t socket) {
  const auto found = watched_.find(socket);
  if (found == watched_.end()) return CURL_POLL_NONE;
  const std::shared_ptr<SocketWatch> watch = std::move(found->second.watch);
  watched_.erase(found);
  if (watch == nullptr) return CURL_POLL_NONE;
  watch->End();
  return watch->wanted();
}

}  // namespace quern::llm

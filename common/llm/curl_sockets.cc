#include "common/llm/curl_sockets.h"

#include <sys/socket.h>
#include <unistd.h>

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
  if (socket >= 0) watched_[socket].connection = true;
  return socket >= 0 ? socket : CURL_SOCKET_BAD;
}

void CurlSockets::Watch(curl_socket_t socket, int wanted) {
  Watched& watched = watched_[socket];
  if (wanted == CURL_POLL_REMOVE && !watched.connection) {
    End(socket);
    return;
  }
  if (watched.watch == nullptr) watched.watch = std::make_shared<SocketWatch>(loop_, socket, on_ready_);
  watched.watch->Want(wanted == CURL_POLL_REMOVE ? CURL_POLL_NONE : wanted);
}

int CurlSockets::OnClose(void* self, curl_socket_t socket) {
  static_cast<CurlSockets*>(self)->End(socket);
  return ::close(socket);
}

void CurlSockets::End(curl_socket_t socket) {
  const auto found = watched_.find(socket);
  if (found == watched_.end()) return;
  if (found->second.watch != nullptr) found->second.watch->End();
  watched_.erase(found);
}

}  // namespace quern::llm

#pragma once

#include <string>
#include <string_view>

namespace quern {

// What people, metrics and processes call a model on a server: host, port, path and model, without a user and password.
// "http://127.0.0.1:8000/v1" and "qwen": "127.0.0.1:8000/v1 qwen".
std::string EndpointName(std::string_view base_url, std::string_view model);

}  // namespace quern

#pragma once

#include <string>
#include <string_view>

namespace quern::batch {

// The longest file that a batch may have, under the providers' 200 MB.
inline constexpr size_t kMostFileBytes = 190'000'000;

// One call as a line of a batch's file. `body` is JSON.
std::string RequestLine(std::string_view call, std::string_view body);

// A form with the file, as POST /files takes it.
struct UploadForm {
  // The header's value.
  std::string content_type;
  std::string body;
};
// `token` does not occur in `lines`.
UploadForm MakeUploadForm(std::string_view token, std::string_view lines);

}  // namespace quern::batch

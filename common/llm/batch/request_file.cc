#include "common/llm/batch/request_file.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/absl_view.h"

namespace quern::batch {

std::string RequestLine(std::string_view call, std::string_view body) {
  std::string line = absl::StrCat(R"({"custom_id":")", AbslView(call),
                                  R"(","method":"POST","url":"/v1/chat/completions","body":)", AbslView(body), "}");
  // Schemas come with line feeds between their tokens; within a string there is none.
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  line += '\n';
  return line;
}

UploadForm MakeUploadForm(std::string_view token, std::string_view lines) {
  UploadForm form;
  const std::string boundary = absl::StrCat("quern-", AbslView(token));
  form.content_type = absl::StrCat("multipart/form-data; boundary=", boundary);
  form.body = absl::StrCat("--", boundary, "\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n--",
                           boundary, "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"", AbslView(token),
                           ".jsonl\"\r\nContent-Type: application/jsonl\r\n\r\n", AbslView(lines), "\r\n--", boundary,
                           "--\r\n");
  return form;
}

}  // namespace quern::batch

#pragma once

#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>

namespace quern::llm {

// What a server says went wrong, whatever form its error has. Values as the server wrote them; empty where it is
// silent.
struct ServerError {
  // Never quotes the request: what FastAPI and pydantic repeat of it is cut off.
  std::string message;
  // A number as its digits.
  std::string code;
  std::string type;
  // The request's field that is meant.
  std::string param;

  // The HTTP status that the error has by its code or type, or 0.
  int Status() const;
};

// The error in a reply: {"error": {…}} (OpenAI, Azure, Anthropic, LiteLLM, new vLLM, llama.cpp), also twice nested or
// in an array (OpenRouter, Gemini), {"error": "text"} (Ollama, TGI), {"object": "error", "message": …} (vLLM, SGLang),
// {"message": …}, {"detail": "text" or [{"loc", "msg"}]} (FastAPI). An object with "choices" has one only as "error".
std::optional<ServerError> FindServerError(simdjson::dom::element reply);

// The error in a body that is not JSON: the title of an HTML page (nginx, Cloudflare), or the text itself. `body` is
// UTF-8.
ServerError ServerErrorOfText(std::string_view body);

}  // namespace quern::llm

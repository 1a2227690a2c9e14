#pragma once

#include "common/llm/server_error.h"

namespace quern::llm {

// What an error is about by its words, where its HTTP status tells too little.
enum class RefusalKind {
  kOther,
  // The prompt and the reply's limit don't fit the model.
  kContext,
  // A filter before or behind the model.
  kContent,
  kMoney,
  kKey,
  kModel,
};

RefusalKind KindOfRefusal(const ServerError& error);

}  // namespace quern::llm

#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "services/simulator/faults.h"
#include "services/simulator/reply.h"
#include "services/simulator/reply_json.h"

namespace quern::simulator {

// What each fault makes of a reply, in the order in which a reply comes to be. Pure functions. Each does nothing for
// the faults of the others.

// The reply of a fault that leaves no answer; nullopt for the other faults. `model` is the name that was asked for.
std::optional<Reply> ReplyInstead(Fault fault, std::string_view model);

// wrong-schema: breaks the form of a stage's answer.
void SpoilAnswer(Fault fault, nlohmann::ordered_json& answer);

// fenced, think, reasoning, malformed, length and others: changes the completion around an answer.
void SpoilCompletion(Fault fault, CompletionBody& completion);

// reset, too-large, bad-utf8, absurd-rate-headers: changes what goes over the wire.
void SpoilReply(Fault fault, Reply& reply);

// `text` without its end, so that at most `bytes` are left and no character is cut.
void CutText(std::string& text, size_t bytes);

}  // namespace quern::simulator

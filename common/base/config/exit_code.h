#pragma once

namespace quern::config {

// Exit codes of every program, after sysexits.h.
inline constexpr int kExitUsage = 64;
inline constexpr int kExitData = 65;
inline constexpr int kExitNoInput = 66;
inline constexpr int kExitUnavailable = 69;
inline constexpr int kExitCannotCreate = 73;
inline constexpr int kExitTryAgain = 75;
inline constexpr int kExitNoPermission = 77;
inline constexpr int kExitConfiguration = 78;

}  // namespace quern::config

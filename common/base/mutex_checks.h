#pragma once

namespace quern {

// Stops Abseil's mutexes from recording the order in which each of them is locked, to find deadlocks: it costs a
// twentieth of the processor time of calls to models, and distributions (Debian among them) build Abseil with it. The
// tests keep it. Called by each main, before threads are started.
void StopMutexChecks();

}  // namespace quern

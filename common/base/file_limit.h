#pragma once

namespace quern {

// Raises the process's limit of open files to the highest that it may have: each call to a model that is under way
// holds a connection, and the usual limit is 1,024. Called by each main.
void RaiseFileLimit();

}  // namespace quern

#pragma once
// Memory that an engine shares with its user.

#include <cstdint>

namespace quern {

/// Memory that an engine leaves to the caller until this goes; it may outlive the connection.
class MemoryLoan {
 public:
  virtual ~MemoryLoan() = default;
  virtual std::int64_t bytes() const = 0;
};

}  // namespace quern

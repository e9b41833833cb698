#pragma once
// What the engine of fake_networks.cpp is told, and what it saw.

#include <cstdint>
#include <string>
#include <vector>

namespace quern::tests {

struct FakeNetworks {
  int fails_in = 0;  ///< epoch in which training ends with an error; 0: none
  std::string message = "the loss is not finite";
  int nan_in = 0;                     ///< epoch whose loss is no number; 0: none
  std::vector<std::int64_t> buffers;  ///< bytes of a block, of each training
};

FakeNetworks& fake_networks();

}  // namespace quern::tests

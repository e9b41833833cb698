#pragma once
// The `.quern` bundle: a manifest and a payload in one file, as docs/model_files.md lays it out.
// Data only; reading one runs nothing.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace quern::runtime {

struct Bundle {
  static constexpr std::uint32_t kFormat = 1;  ///< older formats are read, newer ones refused

  std::string manifest;  ///< JSON
  std::vector<std::uint8_t> payload;
  friend bool operator==(const Bundle&, const Bundle&) = default;
};

/// True where the bytes begin like a bundle, whole or not.
bool is_bundle(std::span<const std::uint8_t> bytes);

std::vector<std::uint8_t> to_bytes(const Bundle& bundle);

/// Errors: corrupt_model (truncated, changed, too long), model_too_new.
Result<Bundle> read_bundle(std::span<const std::uint8_t> bytes);

}  // namespace quern::runtime

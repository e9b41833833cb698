#pragma once
// How a session wants models to be scored.

#include <string>

#include "codegen/forest/kernel.h"

namespace quern::codegen {

struct Scoring {
  KernelChoice kernel = KernelChoice::automatic;
  /// A folder for code that was compiled, see CodeOptions::cache; "": none is kept.
  std::string code_cache = {};
};

}  // namespace quern::codegen

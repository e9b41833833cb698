#pragma once
// Diagnostics of kernels on their way through an engine, which carries nothing but text.

#include <optional>
#include <string>
#include <string_view>

#include "base/diagnostic.h"

namespace quern {

/// What a kernel found, and in a call of which function.
struct KernelFailure {
  std::string function;
  Diagnostic problem;
};

/// "Q2010 quern_predict: unknown model: m", and the hint in a second line.
std::string kernel_failure_text(std::string_view function, const Diagnostic& problem);

/// Reads such a text back; nullopt for any other.
std::optional<KernelFailure> read_kernel_failure(std::string_view text);

}  // namespace quern

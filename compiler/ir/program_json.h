#pragma once
// The feature program as it stands in the manifest.

#include <string>
#include <string_view>

#include "compiler/ir/feature_program.h"

namespace quern::ir {

/// Canonical JSON text.
std::string program_to_json(const FeatureProgram& program);

/// Checks what the interpreter takes for granted. Throws std::exception where it does not hold.
FeatureProgram program_from_json(std::string_view text);
/// The same of a value that the JSON library has read, nlohmann::json, which headers do not
/// include.
template <typename Json>
FeatureProgram program_from(const Json& j);

/// Throws std::runtime_error for a name that is no kind.
TypeKind kind_from_name(std::string_view name);

/// The oldest manifest format that has what a program uses.
int format_of(const FeatureProgram& program);

}  // namespace quern::ir

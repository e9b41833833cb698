#pragma once
// Access to the attributes of a node that was read: of the right type, or an error.

#include <string>
#include <string_view>
#include <vector>

#include "codegen/export/graph.h"

namespace quern::codegen {

/// The beginning of a name out of a file, for messages: whole code points, some 60 bytes of them.
std::string shortened(const std::string& name);

/// What a diagnostic calls a node: "operator Gemm (node fc1)".
std::string node_words(const GraphNode& node);

/// Error of a node that is no model's: corrupt_model.
Diagnostic bad_node(const GraphNode& node, const std::string& what);
/// Of one that has no counterpart here: not_in_this_version. \param what  "has alpha 0.3, read is
/// 0.01".
Diagnostic unread_node(const GraphNode& node, const std::string& what);

/// The attribute's value; null where it is not there. Errors: corrupt_model (another type),
/// not_in_this_version (a type that is not read).
template <typename T>
Result<const T*> attribute(const GraphNode& node, std::string_view name) {
  for (const auto& known : node.attributes) {
    if (known.name != name) continue;
    if (const auto* value = std::get_if<T>(&known.value)) return value;
    if (std::holds_alternative<std::monostate>(known.value))
      return unread_node(node, "has a tensor as attribute " + std::string(name));
    return bad_node(node, "has an attribute of another type: " + std::string(name));
  }
  return static_cast<const T*>(nullptr);
}

/// The same, with a value for what is not there.
template <typename T>
Result<T> attribute_or(const GraphNode& node, std::string_view name, const T& otherwise) {
  QUERN_TRY(const auto* value, attribute<T>(node, name));
  return value == nullptr ? otherwise : *value;
}

/// classlabels_strings, or classlabels_int64s or classlabels_ints; empty where there are none.
Result<std::vector<std::variant<std::int64_t, std::string>>> class_labels(const GraphNode& node);

}  // namespace quern::codegen

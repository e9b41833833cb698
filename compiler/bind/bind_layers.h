#pragma once
// A network's layers as the statement lists them, with torch's names: [Linear(20, 64), ReLU()].

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "compiler/ir/attributes.h"
#include "compiler/ir/network_layers.h"
#include "parser/ast.h"

namespace quern::binding {

/// Each layer as its name and numbers, checked one against the next.
/// Errors: attribute_type (no list of layers), attribute_range (an unknown layer, a number out of
/// range, sizes that do not fit), with the layer's span.
Result<ir::AttributeValue> to_layers(const ir::AttributeSpec& spec, const ast::Expr& expr);

/// Of a value that to_layers() gave.
std::vector<ir::Layer> layers_of(const ir::NameGroups& value);
/// What the first layer that says so reads; 0: none does.
std::int32_t inputs_of(const ir::NameGroups& value);

}  // namespace quern::binding

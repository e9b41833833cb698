#pragma once
// A module's code in the library's terms: what stands for its values while they are followed, and
// the operations that are known. Seen by this folder only, for it shows the library's types.

#include <ATen/core/ivalue.h>

#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "runtime/engines/torch/module_flow.h"

namespace quern::runtime::training {

/// How many rows there are, which nothing may depend on.
struct RowCount {};

/// A size of a value that comes of the rows.
using FlowSize = std::variant<std::int64_t, RowCount>;
using FlowShape = std::vector<FlowSize>;

/// A value of the module's own, or one that comes of the rows.
using ModuleValue = std::variant<c10::IValue, ModuleFlow, RowCount, FlowShape>;

/// Values as an operation has them; one at least comes of the rows.
using Arguments = std::vector<ModuleValue>;

/// Errors: not_in_this_version, in words that follow the name of the operation.
using ModuleOperation = Result<ModuleValue> (*)(const Arguments& arguments);

/// Of "aten::linear"; those that work in place are the ones without the underscore. Null for an
/// operation that is not known.
ModuleOperation find_operation(const std::string& name);

}  // namespace quern::runtime::training

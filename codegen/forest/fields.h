#pragma once
// Checked access to the members of a model document. Shared by the reader's files.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "codegen/forest/document.h"

namespace quern::codegen {

/// A corrupt_model diagnostic; `what` says what is wrong where.
Diagnostic corrupt_model(std::string what);

/// A member of an object. Errors of all below: corrupt_model.
Result<const DocumentValue*> member(const DocumentValue& value, const std::string& name);

Result<const DocumentValue::Numbers*> numbers(const DocumentValue& value, const std::string& name);

Result<std::string> text(const DocumentValue& value, const std::string& name);

/// A size in [0, limit] that XGBoost keeps as text; 0 where other versions leave the member out.
Result<std::int64_t> size_of(const DocumentValue& value, const std::string& name,
                             std::int64_t limit);

/// The number if it is whole and within [0, end).
std::optional<std::size_t> index_below(double number, std::size_t end);

/// A base score as stored: a number, or from XGBoost 3.1 on an array of them, in text.
Result<std::vector<float>> base_scores(const std::string& written);

}  // namespace quern::codegen

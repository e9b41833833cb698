#pragma once
// A UBJ or JSON document as plain data, for readers of model files. Stands between the bytes and
// xgboost_reader.cpp; keeps the JSON library in one source file and numbers in compact arrays.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace quern::codegen {

/// One value of a document. Booleans are the numbers 0 and 1; null is NaN.
struct DocumentValue {
  using Numbers = std::vector<double>;  ///< an array of numbers, and every empty array
  using List = std::vector<DocumentValue>;
  using Object = std::vector<std::pair<std::string, DocumentValue>>;

  std::variant<double, std::string, Numbers, List, Object> held = 0.0;

  template <typename T>
  const T* as() const {
    return std::get_if<T>(&held);
  }
  /// The member of an object, or null.
  const DocumentValue* find(std::string_view name) const;
};

/// True where a document is UBJ; else it is JSON, if it is one at all.
bool is_ubj(std::span<const std::uint8_t> payload);

/// Reads one document, told apart by content. JSON may hold NaN and Infinity, as XGBoost writes
/// them; JSON numbers with a fraction are rounded to float32, as XGBoost reads them.
///
/// Hostile input costs no more than a small multiple of its size: nesting is limited, and a value
/// must take at least a byte. Errors: corrupt_model, out_of_memory.
Result<DocumentValue> read_document(std::span<const std::uint8_t> payload);

}  // namespace quern::codegen

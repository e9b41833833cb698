#pragma once
// A stored model as a file of XGBoost's own, written by the library itself.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace quern::runtime {

/// What goes into the file besides the model.
struct ExportNotes {
  std::vector<std::string> feature_names;  ///< one a feature
  std::vector<bool> categories;            ///< one a feature: its numbers are codes
  std::string attribute;                   ///< name of the attribute that holds `value`
  std::string value;                       ///< printable ASCII without backslashes
};

/// \param payload  of any model that the library loads.
/// \param format   "json" or "ubj".
/// Errors: library_missing, engine_failed, out_of_memory.
Result<std::vector<std::uint8_t>> export_xgboost_model(std::span<const std::uint8_t> payload,
                                                       const ExportNotes& notes,
                                                       const std::string& format);

}  // namespace quern::runtime

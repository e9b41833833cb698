#pragma once
// EXPORT MODEL and IMPORT MODEL: between the store and a file.

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "compiler/ir/model_statements.h"
#include "runtime/model_store/model_store.h"

namespace quern::runtime {

/// The attribute of an XGBoost file that carries our manifest: its JSON, with everything but
/// printable ASCII, and `%` and the backslash too, as %XX.
inline constexpr const char* kManifestAttribute = "quern_manifest";

/// What can be said before the model is read: whether the file may be written.
/// Errors: file_exists, cannot_write_file.
Result<void> check_export(const ir::ExportModel& statement);

/// Writes the file in one step; its size in bytes. Errors: file_exists, cannot_write_file,
/// corrupt_model, library_missing (XGBoost's formats are written by XGBoost).
Result<std::size_t> run_export(const ir::ExportModel& statement, ModelStore& store);

/// A model as it came out of a file.
struct ImportedModel {
  ir::Manifest manifest;
  std::vector<std::uint8_t> payload;
};

/// The database's name of a type.
using TypeNames = std::function<std::string(const ColumnType&)>;

/// Reads a bundle or an XGBoost model, told apart by content. Runs nothing that the file says.
///
/// \param types  gives the label of a foreign model the database's names of types.
/// Errors: corrupt_model, model_too_new, attribute_conflict, class_count, ambiguous_column,
/// not_in_this_version, out_of_memory.
Result<ImportedModel> read_model(std::span<const std::uint8_t> bytes,
                                 const ir::ImportModel& statement, const TypeNames& types);

/// The same from the statement's file. Errors: cannot_read_file too; all with a place.
Result<ImportedModel> read_model_file(const ir::ImportModel& statement, const TypeNames& types);

/// Stores it as a new version of the statement's model: its name with the version. Errors: those of
/// the store.
Result<std::string> store_model(const ir::ImportModel& statement, const ImportedModel& model,
                                ModelStore& store);

}  // namespace quern::runtime

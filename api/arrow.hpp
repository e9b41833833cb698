#pragma once
// Rows as Apache Arrow has them, by its C data interface: for programs that have an Arrow library of
// their own. Buffers are shared, not copied, but for intervals (nanoseconds there).
//
//   boolean b   int8..int64 c s i l   uint8..uint64 C S I L   float32 f   float64 g
//   decimal d:P,S (HUGEINT: d:38,0)   text u   blob z   big_number, other u, as the database writes them
//   date tdD   time ttu   timestamp tsu:   timestamp_ns tsn:   timestamp_tz tsu:UTC
//   interval tin   list +l
//
// Each field carries the database's name of its type as metadata `quern.type`.

#include <functional>
#include <memory>
#include <string_view>

#include "api/quern.h"
#include "api/quern.hpp"
#include "api/rows.hpp"

namespace quern {

/// Describes columns as a struct, without metadata of its own. `out` is the caller's to release.
QUERN_API Result<void> export_schema(const Schema& schema, ArrowSchema& out) noexcept;

/// Hands out a batch as a struct array, which keeps its buffers alive. Columns may be moved out of it,
/// as Arrow allows. `out` is the caller's to release, in any thread.
/// Errors: database_error for an interval that 64 bits of nanoseconds do not hold.
QUERN_API Result<void> export_batch(const ColumnBatch& batch, ArrowArray& out) noexcept;

/// Hands the rest of the rows over as a stream. Its get_next() fails with ECANCELED, ENOMEM or EIO, and
/// get_last_error() then has the diagnostic as words.
QUERN_API Result<void> export_rows(Rows rows, ArrowArrayStream& out) noexcept;
/// The same of rows that somebody else looks at, too: at what they say at their end.
QUERN_API Result<void> export_rows(std::shared_ptr<Rows> rows, ArrowArrayStream& out) noexcept;

/// A struct array of another program's, as columns.
struct Imported {
  Schema schema;
  ColumnBatch batch;
};

/// Reads a struct array. Buffers are borrowed where the layouts agree, and must outlive the result;
/// nothing is released. Takes what export_batch() gives, and dictionaries (as what they hold), large and fixed-size
/// lists and texts, dates in milliseconds, timestamps of each unit, half of a slice.
/// \param wanted  by name; empty: all of them.
/// Errors: column_type for what is left, bad_model_call for arrays that contradict their schema.
QUERN_API Result<Imported> import_batch(
    const ArrowSchema& schema, const ArrowArray& array,
    const std::function<bool(std::string_view)>& wanted = {}) noexcept;

}  // namespace quern

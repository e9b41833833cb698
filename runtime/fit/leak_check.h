#pragma once
// Columns that give the label away.

#include "base/result.h"
#include "compiler/ir/statement.h"
#include "runtime/dataset/pages.h"

namespace quern::runtime {

/// Warns of columns of which one feature alone tells the label almost perfectly: of classes 97.5%
/// of the rows that are not of the most frequent class, of numbers 99.9% of the variance of their
/// ranks. Looks at RowSample's rows. Warning: leaking_column, one for all columns.
/// \param pages    the rows, features final, labels too.
/// \param classes  of the label; 0: it is a number.
/// Errors: those of PageStore::next(). Memory: 8 MB. Cost: a sort of the sample a feature.
Result<void> note_leaks(const ir::FeatureProgram& program, std::size_t classes, PageStore& pages,
                        const ir::Train& statement, Diagnostics& notes);

}  // namespace quern::runtime

#pragma once
// How long the lists of the training rows are, and the texts that DENSE takes without a size: n
// numbers are n features, and only the rows tell n where nothing else does.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/column.h"
#include "base/result.h"
#include "compiler/ir/statement.h"

namespace quern::runtime {

/// Counts the lengths in every column of lists while rows pass. No cost for other columns.
class ListLengths {
 public:
  explicit ListLengths(const ir::Train& statement);

  void observe(const ColumnBatch& batch);

  /// True when each column's length is known: by its type, by the model of USING, or by its first
  /// list or text with elements.
  bool known() const;
  /// For each input of the program its length; 0 for those that are neither.
  std::vector<std::int32_t> lengths() const;
  /// Errors: list_length, list_empty.
  Diagnostics check() const;

 private:
  struct Seen {
    std::size_t input = 0;
    std::int32_t length = 0;                         ///< 0: not known yet
    std::map<std::int32_t, std::int64_t> rows = {};  ///< of lists, by length; NULL ones left out
    std::optional<std::string> delimiter = {};       ///< of texts
  };
  void add_texts();
  static void observe(Seen& list, const Column& column);
  static void observe_texts(Seen& texts, const Column& column);
  void check(const Seen& seen, Diagnostics& errors) const;

  const ir::Train& statement_;
  std::vector<Seen> lists_;
  std::int64_t rows_ = 0;
};

}  // namespace quern::runtime

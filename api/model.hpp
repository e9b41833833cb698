#pragma once
// A model in the program's own memory, for rows that come one at a time.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "api/quern.hpp"
#include "base/row_value.h"

namespace quern {

/// A stored model or a file of one, made ready for single rows. Copies share it. Threads: all members
/// are const and safe from any thread.
class QUERN_API Model {
 public:
  /// What a row consists of, in this order.
  struct Column {
    std::string name;
    TypeKind kind = TypeKind::float64;
    std::int32_t elements = 0;  ///< of lists
  };

  /// Reads a file that EXPORT MODEL wrote, `.quern`, `.json` or `.ubj`.
  /// Errors: cannot_read_file, corrupt_model, model_too_new, not_in_this_version.
  static Result<Model> from_file(const std::string& path);

  Model(const Model&);
  Model(Model&&) noexcept;
  Model& operator=(const Model&);
  Model& operator=(Model&&) noexcept;
  ~Model();

  const std::vector<Column>& columns() const;
  /// The names of the classes, in their order; none where the model predicts a number.
  const std::vector<std::string>& classes() const;
  /// How many floats predict_row() fills: 1 for a number, as many as a label that is a vector has
  /// numbers, one for each component or number of an encoding, else one for each class or cluster.
  std::size_t outputs() const;

  /// Predicts a row: the number or numbers, or the probability of each class, as TO PREDICT does it,
  /// bit by bit. Where the objective gives no probabilities, the class or cluster that is called has
  /// 1.
  ///
  /// \param row  of columns(), any number for one: dates as days since 1970-01-01, timestamps as
  ///             microseconds since then, times and intervals in seconds. NULL is missing.
  /// Allocates nothing, except once in each thread for models of more than 1,024 features and those
  /// that read texts as vectors. Errors: bad_model_call, column_retyped, list_length_changed,
  /// bad_vector_text, bad_base_margin.
  Result<void> predict_row(std::span<const RowValue> row, std::span<float> out) const noexcept;
  /// The class or cluster that TO PREDICT calls. \param out  as predict_row() has filled it.
  std::size_t class_of(std::span<const float> out) const;

  /// Scores rows in columns, as TO PREDICT does it, bit by bit. The model's columns are found by
  /// name, others are left alone. The first call makes ready what later ones use.
  ///
  /// Gives the columns of output(). Errors: column_missing_for_model, column_retyped,
  /// list_length_changed, bad_vector_text, bad_base_margin.
  Result<ColumnBatch> predict(const Schema& schema, const ColumnBatch& rows) const noexcept;
  /// `predicted` (float32, a list of them, or the class as text); of classes with probabilities a
  /// float32 column `probability_<class>` for each.
  Schema output() const;

 private:
  friend class Session;
  class Impl;
  explicit Model(std::shared_ptr<const Impl> impl);
  std::shared_ptr<const Impl> impl_;
};

}  // namespace quern

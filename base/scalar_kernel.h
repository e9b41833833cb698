#pragma once
// Functions of SQL that an engine calls while it runs a query: `name('subject', value, ...)`. The
// engine knows how to call them, whoever offers them what they compute.

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/column.h"
#include "base/result.h"

namespace quern {

/// What a function answers with for a row.
enum class KernelAnswer : std::uint8_t {
  number,           ///< one column of float32
  text,             ///< one column of text
  numbers_by_name,  ///< a column of float32 for each name
};

struct KernelFunction {
  std::string_view name;  ///< as SQL calls it
  KernelAnswer answer = KernelAnswer::number;
};

/// One call, once the types of its arguments are known. Threads: const, re-entrant.
class ScalarKernel {
 public:
  virtual ~ScalarKernel() = default;
  /// Answers each row of the arguments behind the subject; no answer is NULL. Errors: without a
  /// span.
  virtual Result<std::vector<Column>> evaluate(const ColumnBatch& arguments) const = 0;
  /// Of KernelAnswer::numbers_by_name, in the order of the columns.
  virtual std::span<const std::string> names() const { return {}; }
  /// What each argument is to be read as, where the call did not tell their types. Any number will
  /// do for one.
  virtual std::span<const Field> columns() const { return {}; }
};

struct KernelArgument {
  std::string name;  ///< "" where it has none
  ColumnType type;
  bool is_null = false;  ///< NULL in every row, of no type: its column is not to be looked at
};

/// What a statement says of a call.
struct KernelCall {
  std::string_view function;
  std::string subject;
  std::vector<KernelArgument> arguments;
  bool by_name = false;  ///< they are the fields of one struct
  bool typed = true;     ///< their types are known; else only how many there are
};

/// The functions that a session offers to its engine. Threads: those of the session.
class KernelLibrary {
 public:
  virtual ~KernelLibrary() = default;
  virtual std::span<const KernelFunction> functions() const = 0;
  /// Makes a subject ready for the statement that runs. May ask the database, which therefore is
  /// not in the middle of another call. Errors: without a span.
  virtual Result<void> load(const std::string& subject) = 0;
  /// Checks a call and gives its kernel; null where the subject is not loaded. Asks no database.
  /// Errors: without a span.
  virtual Result<std::shared_ptr<const ScalarKernel>> bind(const KernelCall& call) = 0;
};

}  // namespace quern

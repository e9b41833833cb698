#pragma once
// Values that libmariadb fetches as columns.

#include <memory>
#include <string>
#include <utility>

#include "base/column.h"
#include "connectors/mysql/handles.h"
#include "connectors/mysql/types.h"

namespace quern::mysql {

/// Owns the place where the values of one column are fetched to, and gathers them.
class ValueReader {
 public:
  virtual ~ValueReader() = default;
  /// Describes that place; it moves only where needs_binding() says so.
  virtual void bind(MYSQL_BIND& out) = 0;
  /// Takes what was fetched. \param statement  for the rest of a long value.
  /// False for a value that the column cannot hold: problem() says why.
  bool add(MYSQL_STMT* statement, unsigned int column) {
    if (is_null_ == 0) return add_value(statement, column);
    add_null();
    return true;
  }
  /// Takes a value in the server's text. \param text  null: NULL.
  virtual bool add_text(const char* text, std::size_t size) = 0;
  /// What was gathered; the reader is empty again.
  virtual Column finish() = 0;

  virtual void add_null() = 0;
  const std::string& problem() const { return problem_; }
  /// Bytes of the last value; 0 where all have the same.
  std::size_t last_bytes() const { return last_bytes_; }
  bool needs_binding() const { return moved_; }
  /// Dates without a day or month that came as NULL since the last call.
  std::int64_t take_zero_dates() { return std::exchange(zero_dates_, 0); }

 protected:
  virtual bool add_value(MYSQL_STMT* statement, unsigned int column) = 0;
  bool refuse(std::string why) {
    problem_ = std::move(why);
    return false;
  }

  my_bool is_null_ = 0;
  my_bool is_cut_ = 0;
  unsigned long length_ = 0;
  std::size_t last_bytes_ = 0;
  bool moved_ = false;
  std::int64_t zero_dates_ = 0;

 private:
  std::string problem_;
};

std::unique_ptr<ValueReader> make_reader(const ResultColumn& column);
/// Reads no value: all are NULL.
std::unique_ptr<ValueReader> make_skipper(const ColumnType& type);

}  // namespace quern::mysql

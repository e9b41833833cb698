#pragma once
// Values in the server's binary form (the typsend functions) as columns.

#include <memory>
#include <string>

#include "base/column.h"
#include "connectors/postgres/types.h"

namespace quern::postgres {

/// Gathers the values of one column.
class ValueReader {
 public:
  virtual ~ValueReader() = default;
  virtual void add_null() = 0;
  /// False for bytes that are no value of the type, or one that the column cannot hold: problem()
  /// says why.
  virtual bool add(const char* bytes, std::int32_t size) = 0;
  /// What was gathered; the reader is empty again.
  virtual Column finish() = 0;
  const std::string& problem() const { return problem_; }

 protected:
  bool refuse(std::string why) {
    problem_ = std::move(why);
    return false;
  }

 private:
  std::string problem_;
};

std::unique_ptr<ValueReader> make_reader(const ResultColumn& column);

}  // namespace quern::postgres

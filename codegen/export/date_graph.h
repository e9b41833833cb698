#pragma once
// A date or timestamp as a graph: the part that a feature wants, in exact whole numbers.

#include <optional>

#include "codegen/export/graph_builder.h"
#include "compiler/ir/feature.h"

namespace quern::codegen {

/// Parts of one column; what several of them need is computed once. Not thread-safe.
class DateGraph {
 public:
  /// \param column  f64 [rows, 1]: days of a date, microseconds of a timestamp, since 1970-01-01.
  DateGraph(GraphBuilder& out, GraphBuilder::Value column, bool is_date);

  /// f64 [rows, 1]; NaN where the column is NaN. Rule: base/calendar.h, in float64, which is exact
  /// for all microseconds below 2^53.
  GraphBuilder::Value part(ir::Part part);

 private:
  using Value = GraphBuilder::Value;
  /// The civil date by years that begin in March.
  struct Civil {
    Value year_of_era, era, day_of_year, month;
  };

  Value number(double value);
  Value floor_div(const Value& a, double b);
  Value rest(const Value& a, const Value& quotient, double b);
  Value is(const std::string& comparison, const Value& a, double b);
  Value is_multiple(const Value& a, double b);
  const Civil& civil();
  Value year();
  Value day_of_year();

  GraphBuilder& out_;
  Value column_;
  Value days_;    ///< whole
  Value micros_;  ///< within the day
  std::optional<Civil> civil_;
};

}  // namespace quern::codegen

// H. Hinnant's civil_from_days, as base/calendar.h has it, with Floor for division downwards.

#include "codegen/export/date_graph.h"

#include <utility>

namespace quern::codegen {
namespace {

constexpr double kDay = 86400e6;

}  // namespace

DateGraph::DateGraph(GraphBuilder& out, Value column, bool is_date)
    : out_(out), column_(std::move(column)) {
  if (is_date) {
    days_ = out_.node("Floor", {column_});
    micros_ = out_.node("Mul", {column_, number(0)});
    return;
  }
  // The quotient may be rounded up to the next day, where the rest then falls below 0.
  const auto rounded = floor_div(column_, kDay);
  const auto before = rest(column_, rounded, kDay);
  const auto too_far = is("Less", before, 0);
  days_ = out_.node("Sub", {rounded, too_far});
  micros_ = out_.node("Add", {before, out_.node("Mul", {too_far, number(kDay)})});
}

DateGraph::Value DateGraph::number(double value) {
  return out_.constant(std::vector<double>{value});
}

DateGraph::Value DateGraph::floor_div(const Value& a, double b) {
  return out_.node("Floor", {out_.node("Div", {a, number(b)})});
}

DateGraph::Value DateGraph::rest(const Value& a, const Value& quotient, double b) {
  return out_.node("Sub", {a, out_.node("Mul", {quotient, number(b)})});
}

/// 1 where it holds, else 0.
DateGraph::Value DateGraph::is(const std::string& comparison, const Value& a, double b) {
  return out_.cast(out_.node(comparison, {a, number(b)}), Element::f64);
}

DateGraph::Value DateGraph::is_multiple(const Value& a, double b) {
  return is("Equal", rest(a, floor_div(a, b), b), 0);
}

const DateGraph::Civil& DateGraph::civil() {
  if (civil_) return *civil_;
  const auto plus = [&](const Value& a, const Value& b) { return out_.node("Add", {a, b}); };
  const auto minus = [&](const Value& a, const Value& b) { return out_.node("Sub", {a, b}); };
  const auto times = [&](const Value& a, double b) { return out_.node("Mul", {a, number(b)}); };
  Civil made;
  const auto shifted = plus(days_, number(719468));
  made.era = floor_div(shifted, 146097);
  const auto day_of_era = rest(shifted, made.era, 146097);
  const auto leapless =
      minus(plus(minus(day_of_era, floor_div(day_of_era, 1460)), floor_div(day_of_era, 36524)),
            floor_div(day_of_era, 146096));
  made.year_of_era = floor_div(leapless, 365);
  const auto leap_days = minus(floor_div(made.year_of_era, 4), floor_div(made.year_of_era, 100));
  made.day_of_year = minus(minus(day_of_era, times(made.year_of_era, 365)), leap_days);
  made.month = floor_div(plus(times(made.day_of_year, 5), number(2)), 153);
  civil_ = std::move(made);
  return *civil_;
}

DateGraph::Value DateGraph::year() {
  const auto& c = civil();
  const auto of_era = out_.node("Mul", {c.era, number(400)});
  const auto march_year = out_.node("Add", {c.year_of_era, of_era});
  return out_.node("Add", {march_year, is("GreaterOrEqual", c.month, 10)});
}

/// January and February are the last days of a year that began in March.
DateGraph::Value DateGraph::day_of_year() {
  const auto& c = civil();
  const auto by_4 = is_multiple(c.year_of_era, 4);
  const auto by_100 = is_multiple(c.year_of_era, 100);
  const auto by_400 = is("Equal", c.year_of_era, 0);
  const auto leap = out_.node("Add", {out_.node("Sub", {by_4, by_100}), by_400});
  const auto late = out_.node("Sub", {c.day_of_year, number(305)});
  const auto early = out_.node("Add", {out_.node("Add", {c.day_of_year, number(60)}), leap});
  return out_.choose(out_.node("GreaterOrEqual", {c.day_of_year, number(306)}), late, early);
}

DateGraph::Value DateGraph::part(ir::Part part) {
  switch (part) {
    case ir::Part::year: return year();
    case ir::Part::month: {
      const auto moved = out_.node("Add", {civil().month, number(3)});
      const auto over = out_.node("Mul", {is("GreaterOrEqual", civil().month, 10), number(12)});
      return out_.node("Sub", {moved, over});
    }
    case ir::Part::day: {
      const auto months = out_.node("Mul", {civil().month, number(153)});
      const auto before = floor_div(out_.node("Add", {months, number(2)}), 5);
      return out_.node("Add", {out_.node("Sub", {civil().day_of_year, before}), number(1)});
    }
    case ir::Part::isodow: {
      const auto moved = out_.node("Add", {days_, number(3)});
      return out_.node("Add", {rest(moved, floor_div(moved, 7), 7), number(1)});
    }
    case ir::Part::doy: return day_of_year();
    case ir::Part::epoch_days:
      return out_.node("Add", {days_, out_.node("Div", {micros_, number(kDay)})});
    case ir::Part::hour: return floor_div(micros_, 3600e6);
    case ir::Part::minute: {
      const auto minutes = floor_div(micros_, 60e6);
      return rest(minutes, floor_div(minutes, 60), 60);
    }
    case ir::Part::second_of_day: return out_.node("Div", {micros_, number(1e6)});
  }
  return column_;
}

}  // namespace quern::codegen

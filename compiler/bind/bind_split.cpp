// Split attributes: what goes together, and the default.

#include "compiler/bind/bind_split.h"

#include "compiler/bind/columns.h"
#include "compiler/bind/internal.h"

namespace quern::binding {
namespace {

using ir::SplitMethod;

std::string method_text(const std::vector<ir::Setting>& settings) {
  const auto* s = ir::find_setting(settings, "split.method");
  return s == nullptr ? "" : std::get<std::string>(s->value);
}

void refuse(const ir::Setting* setting, const std::string& why, const std::string& hint,
            Diagnostics& errors) {
  if (setting == nullptr) return;
  errors.push_back({Code::attribute_conflict, "attribute " + setting->spec->name + " " + why,
                    setting->span, hint});
}

/// validation.select and a split exclude one another; early stopping needs one of them.
void check_rows_to_check_on(const std::vector<ir::Setting>& settings, Diagnostics& errors) {
  const bool none = method_text(settings) == "none";
  if (ir::find_setting(settings, "validation.select") != nullptr) {
    for (const char* attribute : {"split.method", "split.eval", "split.seed", "split.column"}) {
      if (none && std::string_view(attribute) == "split.method") continue;
      refuse(ir::find_setting(settings, attribute),
             "does not go with validation.select, which names the validation rows",
             "leave one of them out", errors);
    }
  } else if (none) {
    refuse(ir::find_setting(settings, "train.early_stopping"),
           "needs validation rows, and split.method is none",
           "use split.method = random, or validation.select", errors);
  }
}

}  // namespace

void check_split(const std::vector<ir::Setting>& settings, Diagnostics& errors) {
  check_rows_to_check_on(settings, errors);
  const auto* method = ir::find_setting(settings, "split.method");
  if (method == nullptr) return;
  const auto name = method_text(settings);
  const auto sought = [&](const char* attribute) { return ir::find_setting(settings, attribute); };
  if (name == "none") {
    for (const char* attribute : {"split.eval", "split.seed", "split.column"}) {
      refuse(sought(attribute), "has no effect with split.method none",
             "leave it out, or use split.method = random", errors);
    }
    return;
  }
  if (name == "sequential") {
    refuse(sought("split.seed"), "has no effect with split.method sequential",
           "use split.method = random", errors);
    refuse(sought("split.column"), "has no effect with split.method sequential",
           "the order of the rows is the query's: write ORDER BY in it", errors);
    return;
  }
  if (name == "random") return;
  errors.push_back({Code::not_in_this_version, "split.method is not in this version: " + name,
                    method->value_span, "use random, sequential or none"});
}

ir::Split bind_split(const std::vector<ir::Setting>& settings, const Schema& schema,
                     Diagnostics& errors) {
  ir::Split out;
  const auto name = method_text(settings);
  if (name == "none") out.method = SplitMethod::none;
  if (name == "random") out.method = SplitMethod::random;
  if (name == "sequential") out.method = SplitMethod::sequential;
  if (ir::find_setting(settings, "validation.select") != nullptr) out.method = SplitMethod::none;
  if (const auto* s = ir::find_setting(settings, "split.method")) out.span = s->span;
  if (const auto* s = ir::find_setting(settings, "split.seed"))
    out.seed = std::get<std::int64_t>(s->value);
  const auto asked = [&](const ir::Setting& setting) {
    // A share or a key is a wish for a split, however few rows there are.
    if (out.method == SplitMethod::by_size) out.method = SplitMethod::random;
    if (!out.span.known()) out.span = setting.span;
  };
  if (const auto* s = ir::find_setting(settings, "split.eval")) {
    out.eval = std::get<double>(s->value);
    asked(*s);
  }
  if (const auto* s = ir::find_setting(settings, "split.column")) {
    auto column = find_column(schema, std::get<std::string>(s->value), s->value_span);
    if (!column) append(errors, column.errors());
    if (column) out.key = *column;
    asked(*s);
  }
  const auto* patience = ir::find_setting(settings, "train.early_stopping");
  if (patience != nullptr && out.method == SplitMethod::by_size) asked(*patience);
  return out;
}

}  // namespace quern::binding

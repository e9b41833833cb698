// Split attributes: what goes together, and the default.

#include "compiler/bind/bind_split.h"

#include "base/format.h"
#include "compiler/bind/columns.h"
#include "compiler/bind/internal.h"
#include "compiler/ir/search.h"

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

constexpr const char* kAttributes[] = {"split.eval", "split.test", "split.folds", "split.seed",
                                       "split.column"};

/// validation.select and a split exclude one another; early stopping needs one of them.
void check_rows_to_check_on(const std::vector<ir::Setting>& settings, Diagnostics& errors) {
  const auto* method = ir::find_setting(settings, "split.method");
  const bool none = method_text(settings) == "none";
  if (ir::find_setting(settings, "validation.select") != nullptr) {
    const auto exclude = [&](const ir::Setting* setting) {
      refuse(setting, "does not go with validation.select, which names the validation rows",
             "leave one of them out", errors);
    };
    if (!none) exclude(method);
    for (const char* attribute : kAttributes) exclude(ir::find_setting(settings, attribute));
  } else if (none) {
    refuse(ir::find_setting(settings, "train.early_stopping"),
           "needs validation rows, and split.method is none",
           "use split.method = random, or validation.select", errors);
  }
}

/// What a method does not read, and what to do instead.
struct Unread {
  std::string_view method;
  const char* attribute;
  const char* hint;
};

constexpr Unread kUnread[] = {
    {"none", "split.eval", "leave it out, or use split.method = random"},
    {"none", "split.test", "leave it out, or use split.method = random"},
    {"none", "split.seed", "leave it out, or use split.method = random"},
    {"none", "split.column", "leave it out, or use split.method = random"},
    {"sequential", "split.seed", "use split.method = random"},
    {"sequential", "split.column", "the order of the rows is the query's: write ORDER BY in it"},
    {"column", "split.eval", "the column says where each row goes"},
    {"column", "split.test", "the column says where each row goes"},
    {"column", "split.seed", "the column says where each row goes"},
    {"stratified", "split.column", "use split.method = group to keep rows together"},
    {"kfold", "split.eval", "each fold is kept apart once: use split.folds"},
};

void check_read(std::string_view method, const std::vector<ir::Setting>& settings,
                Diagnostics& errors) {
  for (const auto& unread : kUnread) {
    if (unread.method != method) continue;
    refuse(ir::find_setting(settings, unread.attribute),
           "has no effect with split.method " + std::string(method), unread.hint, errors);
  }
  if (method == "kfold") return;
  refuse(ir::find_setting(settings, "split.folds"), "belongs to split.method kfold",
         "use split.method = kfold", errors);
}

double number_of(const std::vector<ir::Setting>& settings, const char* name, double otherwise) {
  const auto* setting = ir::find_setting(settings, name);
  return setting == nullptr ? otherwise : std::get<double>(setting->value);
}

void check_shares(const std::vector<ir::Setting>& settings, Diagnostics& errors) {
  const auto* test = ir::find_setting(settings, "split.test");
  if (test == nullptr || method_text(settings) == "kfold") return;
  const double eval = number_of(settings, "split.eval", ir::Split().eval);
  if (eval + std::get<double>(test->value) < 1) return;
  errors.push_back(
      {Code::attribute_conflict,
       "attribute split.test leaves no row to learn from: split.eval is " + format_double(eval),
       test->span, "together they must be below 1"});
}

}  // namespace

void check_split(const std::vector<ir::Setting>& settings, Diagnostics& errors) {
  check_rows_to_check_on(settings, errors);
  check_shares(settings, errors);
  check_read(method_text(settings), settings, errors);
  const auto* method = ir::find_setting(settings, "split.method");
  const auto name = method_text(settings);
  const bool keyed = ir::find_setting(settings, "split.column") != nullptr ||
                     (name == "group" && ir::find_setting(settings, "group") != nullptr);
  if ((name != "column" && name != "group") || keyed) return;
  errors.push_back({Code::attribute_conflict, "split.method " + name + " needs a column",
                    method->span, "add split.column = COLUMN"});
}

ir::Split bind_split(const std::vector<ir::Setting>& settings, const Schema& schema,
                     Diagnostics& errors) {
  ir::Split out;
  out.method = ir::find_split_method(method_text(settings));
  if (ir::find_setting(settings, "validation.select") != nullptr) out.method = SplitMethod::none;
  if (const auto* s = ir::find_setting(settings, "split.method")) out.span = s->span;
  if (const auto* s = ir::find_setting(settings, "split.seed"))
    out.seed = std::get<std::int64_t>(s->value);
  const auto asked = [&](const ir::Setting& setting) {
    // A share or a key is a wish for a split, however few rows there are.
    if (out.method == SplitMethod::by_size) out.method = SplitMethod::random;
    if (!out.span.known()) out.span = setting.span;
  };
  out.eval = number_of(settings, "split.eval", out.eval);
  out.test = number_of(settings, "split.test", out.test);
  for (const char* share : {"split.eval", "split.test"}) {
    if (const auto* s = ir::find_setting(settings, share)) asked(*s);
  }
  if (const auto* s = ir::find_setting(settings, "split.folds"))
    out.folds = static_cast<int>(std::get<std::int64_t>(s->value));
  if (const auto* s = ir::find_setting(settings, "split.column")) {
    auto column = find_column(schema, std::get<std::string>(s->value), s->value_span);
    if (!column) append(errors, column.errors());
    if (column) out.key = *column;
    asked(*s);
  }
  const auto* patience = ir::find_setting(settings, "train.early_stopping");
  if (patience != nullptr && out.method == SplitMethod::by_size) asked(*patience);
  for (const auto* searched : ir::searched(settings)) {
    if (out.method == SplitMethod::by_size) asked(*searched);
  }
  return out;
}

}  // namespace quern::binding

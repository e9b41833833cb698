// Binding of train.order_by: the database is asked whether the ordered query holds.

#include <set>

#include "base/similar.h"
#include "compiler/bind/bind_extras.h"
#include "compiler/bind/internal.h"
#include "compiler/ir/row_order.h"

namespace quern::binding {
namespace {

/// A derived table renames columns of one name, so that none of them would be found.
bool has_unique_names(const Schema& schema) {
  std::set<std::string> names;
  for (const auto& field : schema) names.insert(lower_ascii(field.name));
  return names.size() == schema.size();
}

}  // namespace

void bind_order(ir::Train& out, Catalog& catalog, Diagnostics& errors) {
  const auto* setting = ir::find_setting(out.settings, "train.order_by");
  if (setting == nullptr) return;
  ir::RowOrder order{std::get<std::string>(setting->value), setting->value_span};
  if (!has_unique_names(out.query.description.schema)) {
    errors.push_back({Code::attribute_conflict,
                      "attribute train.order_by does not go with columns of one name",
                      setting->span, "name each once with AS, or write ORDER BY in the query"});
    return;
  }
  const auto described = catalog.describe(ir::ordered_text(out.query, order));
  if (!described) {
    append(errors, ir::moved_from_ordered(described.errors(), out.query, order));
    return;
  }
  out.order = std::move(order);
}

}  // namespace quern::binding

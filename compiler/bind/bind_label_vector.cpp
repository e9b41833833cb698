// What a vector needs that a plain label does not.

#include "compiler/bind/bind_label_vector.h"

#include "base/format.h"
#include "compiler/ir/label_vector.h"

namespace quern::binding {
namespace {

const Field& label_of(const ir::Train& out) {
  return out.query.description.schema[*out.label_column];
}

/// One value in each row, where several are asked for.
void check_plain(const ir::Train& out, Diagnostics& errors) {
  const auto* setting = ir::find_setting(out.settings, out.estimator->booster == "time_series"
                                                           ? "model.n_out"
                                                           : "model.label_dimension");
  if (setting == nullptr || std::get<std::int64_t>(setting->value) == 1) return;
  const auto says = setting->spec->name + " is " + ir::format_attribute(setting->value) + ", ";
  if (out.label_role == ir::LabelRole::classes) {
    errors.push_back({Code::attribute_conflict, says + "a class is one value", setting->span});
    return;
  }
  errors.push_back({Code::column_type, says + "label " + label_of(out).name + " is a single number",
                    out.label_span, "make it a list, or text like '1,2,3'"});
}

}  // namespace

void settle_vector_label(ir::Train& out) {
  const bool list = label_of(out).type.kind == TypeKind::list;
  if (!out.estimator->is_network() || !list || out.label_role != ir::LabelRole::by_data) return;
  out.label_role = ir::LabelRole::number;
  out.objective = ir::find_objective("squared_error");
}

void check_label_width(const ir::Train& out, Diagnostics& errors) {
  if (!out.estimator->is_network()) return;
  if (!ir::has_vector_label(out)) {
    check_plain(out, errors);
    return;
  }
  const auto& field = label_of(out);
  const auto width = ir::label_width(out);
  const std::string attribute(ir::width_attribute(*out.estimator));
  if (width == 0) {
    errors.push_back({Code::column_type,
                      "label " + field.name + " is a list, and nothing says of how many numbers",
                      out.label_span, "add " + attribute + " = 3 where it has three"});
  } else if (field.type.size > 0 && field.type.size != width) {
    errors.push_back({Code::attribute_conflict,
                      "label " + field.name + " has " + counted(field.type.size, "number") +
                          ", the model " + counted(width, "output"),
                      out.label_span});
  }
}

}  // namespace quern::binding

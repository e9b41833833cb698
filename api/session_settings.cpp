// One setting after another.

#include "api/session_settings.h"

#include "base/similar.h"
#include "compiler/ir/attributes.h"

namespace quern {
namespace {

std::string kernel_text(const ir::AttributeSpec& spec, codegen::KernelChoice choice) {
  for (const auto& name : spec.choices) {
    if (codegen::kernel_choice(name) == choice) return name;
  }
  return spec.default_text;
}

}  // namespace

Result<std::string> setting_text(const SessionState& session, const std::string& name) {
  const auto settings = ir::session_attributes();
  const auto* spec = ir::find_attribute(settings, name);
  if (spec == nullptr) {
    std::vector<std::string> names;
    for (const auto& setting : settings) names.push_back(setting.name);
    return Diagnostic{Code::unknown_setting, "unknown setting: " + name, SourceSpan::none(),
                      suggest(name, names, "SHOW ATTRIBUTES SET lists them")};
  }
  if (spec->name == "threads") return std::to_string(session.threads());
  if (spec->name == "fetch_connections") return std::to_string(session.fetch_connections());
  if (spec->name == "allow_torchscript")
    return std::string(session.allows_torchscript() ? "true" : "false");
  if (spec->name == "kernel") return kernel_text(*spec, session.kernel());
  return session.model_store();
}

}  // namespace quern

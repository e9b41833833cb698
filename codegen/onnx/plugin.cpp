// What load_plugin() finds: the only symbol that this library exports.

#include "base/plugin.h"

#include "codegen/onnx/write.h"

extern "C" const quern::PluginEntry* quern_plugin_entry();

extern "C" __attribute__((visibility("default"))) const quern::PluginEntry* quern_plugin_entry() {
  static const quern::codegen::GraphWriter table{quern::codegen::write_onnx};
  static const quern::PluginEntry entry{quern::build_id(), &table};
  return &entry;
}

// What load_plugin() finds: the only symbol that this library exports.

#include "base/plugin.h"

#include "codegen/llvm/compile.h"

extern "C" const quern::PluginEntry* quern_plugin_entry();

extern "C" __attribute__((visibility("default"))) const quern::PluginEntry* quern_plugin_entry() {
  static const quern::codegen::CodeCompiler table{quern::codegen::compile_block,
                                                  quern::codegen::print_block};
  static const quern::PluginEntry entry{quern::build_id(), &table};
  return &entry;
}

// What load_plugin() finds: the only symbol that this library exports.

#include "base/plugin.h"

#include "connectors/mysql/connection.h"

extern "C" const quern::PluginEntry* quern_plugin_entry();

extern "C" __attribute__((visibility("default"))) const quern::PluginEntry* quern_plugin_entry() {
  static const quern::ConnectorPlugin table{quern::mysql::open};
  static const quern::PluginEntry entry{quern::build_id(), &table};
  return &entry;
}

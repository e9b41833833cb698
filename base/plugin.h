#pragma once
// Loading of what is heavy: plug-ins of the same build (checked build id) and foreign C libraries.

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace quern {

/// A loaded shared object, unloaded with the last owner. Move-only: a copied handle would close
/// twice.
class SharedLibrary {
 public:
  /// Opens the first of `names` that loads, RTLD_NOW | RTLD_LOCAL. Errors: library_missing, with
  /// the loader's own words last.
  static Result<SharedLibrary> open(const std::vector<std::string>& names);

  SharedLibrary(SharedLibrary&& other) noexcept;
  SharedLibrary& operator=(SharedLibrary&& other) noexcept;
  ~SharedLibrary();

  /// The symbol's address, or nullptr.
  void* symbol(const char* name) const;

 private:
  explicit SharedLibrary(void* handle) : handle_(handle) {}
  void* handle_;
};

/// Identifies a build of the core and its plug-ins; a plug-in of another build is refused.
const char* build_id();

/// What a plug-in exports as `const quern::PluginEntry* quern_plugin_entry()` with C linkage.
struct PluginEntry {
  const char* build_id;
  const void* table;  ///< what it offers; the type is fixed by the plug-in's name
};

/// Loads the private plug-in `lib/quern_<name>.so` found beside the library that holds this code
/// and returns its table. The plug-in stays loaded until the process ends: code of its objects may
/// run in any thread. Errors: plugin_missing (not found, wrong build).
Result<const void*> load_plugin(const std::string& name);

}  // namespace quern

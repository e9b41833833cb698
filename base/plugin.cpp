// dlopen with checks.

#include "base/plugin.h"

#include <dlfcn.h>

#include <cstring>
#include <filesystem>
#include <utility>

namespace quern {
namespace {

/// The folder of the library (or program) this code was linked into.
std::string own_folder() {
  Dl_info info{};
  static const char anchor = 0;
  if (dladdr(&anchor, &info) == 0 || info.dli_fname == nullptr) return ".";
  std::error_code ignored;
  const auto path = std::filesystem::canonical(info.dli_fname, ignored);
  return path.empty() ? "." : path.parent_path().string();
}

std::string loader_words() {
  const char* words = dlerror();
  return words != nullptr ? words : "unknown reason";
}

}  // namespace

Result<SharedLibrary> SharedLibrary::open(const std::vector<std::string>& names) {
  std::string words;
  for (const auto& name : names) {
    if (void* handle = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL)) return SharedLibrary(handle);
    words = loader_words();
  }
  return Diagnostic{Code::library_missing, "cannot load a library: " + words};
}

SharedLibrary::SharedLibrary(SharedLibrary&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)) {}

SharedLibrary& SharedLibrary::operator=(SharedLibrary&& other) noexcept {
  std::swap(handle_, other.handle_);
  return *this;
}

SharedLibrary::~SharedLibrary() {
  if (handle_ != nullptr) dlclose(handle_);
}

void* SharedLibrary::symbol(const char* name) const { return dlsym(handle_, name); }

const char* build_id() { return QUERN_BUILD_ID; }

Result<const void*> load_plugin(const std::string& name) {
  const auto folder = own_folder();
  const auto file = "quern_" + name + ".so";
  // Beside the library, or where a program that holds the core statically finds it.
  const std::vector<std::string> places = {folder + "/" + file, folder + "/../lib/" + file,
                                           folder + "/../lib/quern/" + file,
                                           folder + "/quern/" + file};
  std::string words;
  void* handle = nullptr;
  for (const auto& place : places) {
    if (!std::filesystem::exists(place)) continue;
    handle = dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) words = loader_words();
    break;
  }
  if (handle == nullptr) {
    return Diagnostic{Code::plugin_missing,
                      "cannot load plug-in " + file + ": " +
                          (words.empty() ? "not found beside the library in " + folder : words)};
  }
  using EntryFunction = const PluginEntry* (*)();
  const auto entry = reinterpret_cast<EntryFunction>(dlsym(handle, "quern_plugin_entry"));
  if (entry == nullptr || std::strcmp(entry()->build_id, build_id()) != 0) {
    return Diagnostic{Code::plugin_missing,
                      "plug-in " + file + " belongs to another build of quern", SourceSpan::none(),
                      "build or install quern as a whole"};
  }
  return entry()->table;
}

}  // namespace quern

// Opening of libxgboost, and the tidying of what it says.

#include "runtime/engines/xgboost/xgboost_library.h"

#include <cstdlib>
#include <sstream>
#include <type_traits>

#if __has_include(<xgboost/c_api.h>)
#include <xgboost/c_api.h>
#endif

namespace quern::runtime::xgboost {
namespace {

#if __has_include(<xgboost/c_api.h>)
#define QUERN_XGBOOST_CHECK(name, result, parameters) \
  static_assert(std::is_same_v<decltype(Functions::name), decltype(&::name)>);
QUERN_XGBOOST_FUNCTIONS(QUERN_XGBOOST_CHECK)
#undef QUERN_XGBOOST_CHECK
#endif

/// The library's log callback has no user data, so the thread remembers who listens.
thread_local LogCapture* listener = nullptr;

std::vector<std::string> library_names() {
  const char* chosen = std::getenv("QUERN_XGBOOST_LIBRARY");
  if (chosen != nullptr && *chosen != '\0') return {chosen};
  return {"libxgboost.so.0", "libxgboost.so"};
}

Diagnostic missing(std::string message) {
  return {Code::library_missing, std::move(message), SourceSpan::none(),
          "install Debian's package libxgboost0, or name the library in QUERN_XGBOOST_LIBRARY"};
}

/// "../src/learner.cc:767:"
bool is_source_line(const std::string& word) {
  const auto colon = word.find(':');
  return colon != std::string::npos && colon + 2 < word.size() && word.back() == ':' &&
         word.find_first_not_of("0123456789", colon + 1) == word.size() - 1;
}

/// What a message may open with.
bool is_origin(const std::string& word) {
  const bool time = word.front() == '[' && word.back() == ']';
  const bool level = word == "WARNING:" || word == "INFO:" || word == "DEBUG:";
  return time || level || is_source_line(word);
}

template <typename Function>
bool resolve(const SharedLibrary& library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(library.symbol(name));
  return function != nullptr;
}

}  // namespace

Result<std::shared_ptr<const Library>> Library::open() {
  auto opened = SharedLibrary::open(library_names());
  if (!opened) return missing(opened.errors().front().message);
  std::shared_ptr<Library> library(new Library(*std::move(opened)));
#define QUERN_XGBOOST_RESOLVE(name, result, parameters)                       \
  if (!resolve(library->library_, #name, library->functions_.name)) {         \
    return missing("the XGBoost library is older than 1.7: it lacks " #name); \
  }
  QUERN_XGBOOST_FUNCTIONS(QUERN_XGBOOST_RESOLVE)
#undef QUERN_XGBOOST_RESOLVE
  return std::shared_ptr<const Library>(std::move(library));
}

std::string Library::version() const {
  int major = 0;
  int minor = 0;
  int patch = 0;
  functions_.XGBoostVersion(&major, &minor, &patch);
  return "XGBoost " + std::to_string(major) + "." + std::to_string(minor) + "." +
         std::to_string(patch);
}

Result<void> Library::check(int status) const {
  if (status == 0) return {};
  const auto message = clean_message(functions_.XGBGetLastError());
  const bool memory = message.find("bad_alloc") != std::string::npos;
  return Diagnostic{memory ? Code::out_of_memory : Code::engine_failed, "XGBoost: " + message};
}

std::string clean_message(const std::string& message) {
  std::istringstream words(message.substr(0, message.find("Stack trace")));
  std::string clean;
  for (std::string word; words >> word;) {
    if (clean.empty() && is_origin(word)) continue;
    if (!clean.empty()) clean += ' ';
    clean += word;
  }
  return clean.empty() ? "no reason given" : clean;
}

LogCapture::LogCapture(const Library& library) {
  listener = this;
  library.call().XGBRegisterLogCallback(&LogCapture::receive);
}

LogCapture::~LogCapture() { listener = nullptr; }

void LogCapture::receive(const char* line) {
  if (listener != nullptr) listener->lines_.push_back(clean_message(line));
}

}  // namespace quern::runtime::xgboost

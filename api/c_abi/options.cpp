// Each option knows which function takes it and what it may be.

#include "api/c_abi/options.h"

#include <array>
#include <charconv>
#include <cstring>

#include "api/c_abi/problems.h"
#include "api/parameter_text.h"
#include "base/similar.h"
#include "parser/script.h"

namespace quern::c_abi {
namespace {

enum class Taker : std::uint8_t { open, run };
enum class Form : std::uint8_t { count, flag, text };

struct Option {
  std::string_view name;
  Taker taker;
  Form form;
};

constexpr std::array<Option, 5> kOptions{{{"threads", Taker::open, Form::count},
                                          {"code_cache", Taker::open, Form::text},
                                          {"keep_going", Taker::run, Form::flag},
                                          {"dry_run", Taker::run, Form::flag},
                                          {"name", Taker::run, Form::text}}};

constexpr int kMostThreads = 1024;

const Option* find(std::string_view name) {
  for (const auto& option : kOptions) {
    if (option.name == name) return &option;
  }
  return nullptr;
}

std::optional<int> count_of(const std::string& value) {
  int out = 0;
  const auto* end = value.data() + value.size();
  const auto read = std::from_chars(value.data(), end, out);
  if (read.ec != std::errc() || read.ptr != end || out < 0 || out > kMostThreads) return {};
  return out;
}

Result<void> check_value(const Option& option, const std::string& value) {
  if (option.form == Form::count && !count_of(value)) {
    return Diagnostic{
        Code::attribute_range,
        "option " + std::string(option.name) + " is a number from 0 to 1024, not `" + value + "`"};
  }
  if (option.form == Form::flag && value != "true" && value != "false") {
    return Diagnostic{Code::attribute_type, "option " + std::string(option.name) +
                                                " is true or false, not `" + value + "`"};
  }
  return {};
}

Result<void> set(quern_options& options, const std::string& name, const std::string& value) {
  const auto* option = find(name);
  if (option == nullptr) {
    std::vector<std::string> names;
    for (const auto& known : kOptions) names.emplace_back(known.name);
    return Diagnostic{
        Code::unknown_setting, "unknown option: " + name, SourceSpan::none(),
        suggest(name, names, "there are threads, code_cache, keep_going, dry_run, name")};
  }
  QUERN_CHECK(check_value(*option, value));
  options.values[name] = value;
  return {};
}

/// The options that one function takes; every other is an error.
Result<std::map<std::string, std::string>> taken(const quern_options* options, Taker taker) {
  if (options == nullptr) return std::map<std::string, std::string>{};
  for (const auto& [name, value] : options->values) {
    if (find(name)->taker == taker) continue;
    return Diagnostic{Code::unknown_setting,
                      taker == Taker::open
                          ? "option " + name + " is of quern_run(), not of quern_open()"
                          : "option " + name + " is of quern_open(), not of quern_run()"};
  }
  return options->values;
}

}  // namespace

Result<SessionOptions> session_options(const char* uri, const quern_options* options) {
  QUERN_TRY(auto values, taken(options, Taker::open));
  SessionOptions out{.uri = uri == nullptr ? "" : uri, .code_cache = values["code_cache"]};
  if (values.contains("threads")) out.threads = count_of(values["threads"]).value_or(0);
  return out;
}

Result<RunOptions> run_options(const quern_options* options, const quern_parameters* parameters) {
  QUERN_TRY(auto values, taken(options, Taker::run));
  RunOptions out{.keep_going = values["keep_going"] == "true",
                 .dry_run = values["dry_run"] == "true"};
  if (values.contains("name")) out.name = values["name"];
  if (parameters != nullptr) {
    out.parameters = parameters->values;
    out.named = parameters->named;
  }
  return out;
}

namespace {

int add(quern_parameters* parameters, const auto& make) noexcept {
  if (parameters == nullptr) return QUERN_FAILED;
  return guarded(nullptr, [&]() -> Result<void> {
    parameters->values.emplace_back(make());
    return {};
  });
}

}  // namespace
}  // namespace quern::c_abi

using namespace quern;
using namespace quern::c_abi;

quern_options* quern_options_new(void) { return new (std::nothrow) quern_options; }
void quern_options_free(quern_options* options) { delete options; }

int quern_options_set(quern_options* options, const char* name, const char* value,
                      quern_problems** problems) {
  return guarded(problems, [&]() -> Result<void> {
    if (options == nullptr) return missing("the options");
    if (name == nullptr || value == nullptr) return missing("an option's name or value");
    return set(*options, name, value);
  });
}

quern_parameters* quern_parameters_new(void) { return new (std::nothrow) quern_parameters; }
void quern_parameters_free(quern_parameters* parameters) { delete parameters; }

int quern_parameters_add_null(quern_parameters* parameters) {
  return add(parameters, [] { return Parameter(); });
}
int quern_parameters_add_boolean(quern_parameters* parameters, int32_t value) {
  return add(parameters, [&] { return Parameter(value != 0); });
}
int quern_parameters_add_integer(quern_parameters* parameters, int64_t value) {
  return add(parameters, [&] { return Parameter(value); });
}
int quern_parameters_add_number(quern_parameters* parameters, double value) {
  return add(parameters, [&] { return Parameter(value); });
}
int quern_parameters_add_text(quern_parameters* parameters, const char* text, size_t size) {
  if (text == nullptr && size != 0) return QUERN_FAILED;
  return add(parameters, [&] { return Parameter(std::string(text_of(text, size))); });
}
int quern_parameters_add_blob(quern_parameters* parameters, const void* data, size_t size) {
  if (data == nullptr && size != 0) return QUERN_FAILED;
  return add(parameters, [&] {
    return Parameter(Blob{std::string(text_of(static_cast<const char*>(data), size))});
  });
}
int quern_parameters_add_date(quern_parameters* parameters, int32_t days) {
  return add(parameters, [&] { return Parameter(DateValue{days}); });
}
int quern_parameters_add_timestamp(quern_parameters* parameters, int64_t microseconds) {
  return add(parameters, [&] { return Parameter(TimestampValue{microseconds}); });
}
int quern_parameters_add_list(quern_parameters* parameters, size_t count) {
  if (parameters == nullptr || count > parameters->values.size()) return QUERN_FAILED;
  return guarded(nullptr, [&]() -> Result<void> {
    auto& values = parameters->values;
    const auto first = values.end() - static_cast<std::ptrdiff_t>(count);
    ListValue list;
    for (auto value = first; value != values.end(); ++value) {
      auto element = element_of(*value);
      if (!element) return Diagnostic{Code::bad_api_call, "a list holds no lists"};
      list.elements.push_back(*std::move(element));
    }
    values.erase(first, values.end());
    values.emplace_back(std::move(list));
    return {};
  });
}
int quern_parameters_name(quern_parameters* parameters, const char* name) {
  if (parameters == nullptr || name == nullptr || parameters->values.empty()) return QUERN_FAILED;
  if (!is_variable_name(name)) return QUERN_FAILED;
  return guarded(nullptr, [&]() -> Result<void> {
    parameters->named[name] = std::move(parameters->values.back());
    parameters->values.pop_back();
    return {};
  });
}

// One function of COLUMN after the other, and the table of them.

#include "compiler/bind/feature_functions.h"

#include <algorithm>
#include <array>

#include "base/similar.h"
#include "compiler/bind/function_arguments.h"
#include "compiler/bind/network_functions.h"

namespace quern::binding {
namespace {

using ir::Category;
using ir::HashedCategory;

using Change = FeatureChange;

std::string_view kind_words(ValueKind kind) {
  switch (kind) {
    case ValueKind::number: return "a number";
    case ValueKind::list: return "a list";
    case ValueKind::text: return "text";
    case ValueKind::date: return "a date";
    case ValueKind::category: return "a category";
    case ValueKind::sparse: return "a sparse vector";
  }
  return "";
}

std::string hint_for(ValueKind kind) {
  if (kind == ValueKind::date) return "DATE_PARTS gives its parts, which are numbers";
  if (kind == ValueKind::text) return "cast it in the query, or make it a category";
  return "";
}

void refuse(const std::string& function, const std::string& takes, const FeatureValue& value,
            SourceSpan span, Diagnostics& errors) {
  refuse_value(function, takes, value, span, errors);
}

bool is_numeric(ValueKind kind) { return kind == ValueKind::number || kind == ValueKind::list; }

/// Text in place of NULL that a function further in asked for.
std::optional<ir::TextForNull> for_null_of(const FeatureValue& value) {
  if (!value.term.transform) return std::nullopt;
  const auto* category = std::get_if<Category>(&*value.term.transform);
  return category == nullptr ? std::nullopt : category->for_null;
}

/// Adds a step to numbers.
Change step_of(const std::string& function, const ir::Step& step) {
  return [=](FeatureValue& value, Diagnostics& errors, SourceSpan span) {
    if (!is_numeric(value.kind)) return refuse(function, "a number", value, span, errors);
    value.term.steps.push_back(step);
  };
}

/// A column as it is: text, or a number whose digits are its text.
bool is_plain(const FeatureValue& value) {
  return (value.kind == ValueKind::number || value.kind == ValueKind::text) &&
         value.term.steps.empty() && value.term.parts.empty() && !value.term.group;
}

/// Makes a category of the texts of a column.
Change text_category(const std::string& function,
                     const std::function<ir::Transform(FeatureValue&)>& make) {
  return [=](FeatureValue& value, Diagnostics& errors, SourceSpan span) {
    if (!is_plain(value)) {
      errors.push_back(
          {Code::column_type,
           function + " takes a column of text or numbers, " + value.label + " is " +
               (is_numeric(value.kind) ? "made of one" : std::string(kind_words(value.kind))),
           span,
           is_numeric(value.kind) ? "CATEGORY_ID makes categories of whole numbers"
                                  : hint_for(value.kind)});
      return;
    }
    value.term.transform = make(value);
    value.kind = ValueKind::category;
  };
}

Change standardize(FunctionArguments& /*arguments*/) {
  return step_of("STANDARDIZE", ir::Standardize{});
}
Change minmax(FunctionArguments& /*arguments*/) { return step_of("MINMAX", ir::MinMax{}); }
Change logarithm(FunctionArguments& /*arguments*/) { return step_of("LOG", ir::Logarithm{}); }

Change bucket(FunctionArguments& arguments) {
  auto boundaries = arguments.rising(1);
  return boundaries ? step_of("BUCKET", ir::Bucket{*std::move(boundaries)}) : nullptr;
}

Change quantile_bucket(FunctionArguments& arguments) {
  constexpr std::int64_t kMost = 1000;
  const auto n = arguments.whole(1, 2, kMost);
  if (!n) return nullptr;
  return step_of("QUANTILE_BUCKET", ir::QuantileBucket{static_cast<std::uint32_t>(*n)});
}

Change impute_text(std::string text) {
  const bool by_mode = text == "mode";
  ir::TextForNull for_null{by_mode, by_mode ? "" : std::move(text)};
  const bool statistic = for_null.text == "mean" || for_null.text == "median";
  return [=](FeatureValue& value, Diagnostics& errors, SourceSpan span) {
    if (value.kind == ValueKind::text && !statistic) {
      value.term.transform = Category{.for_null = for_null};
    } else if (is_numeric(value.kind) && (statistic || by_mode)) {
      const auto by = by_mode                   ? ir::Replacement::mode
                      : for_null.text == "mean" ? ir::Replacement::mean
                                                : ir::Replacement::median;
      value.term.steps.emplace_back(ir::Impute{by});
    } else if (value.kind == ValueKind::text) {
      errors.push_back({Code::column_type, value.label + " is text and has no " + for_null.text,
                        span, "use 'mode', or the text that stands for NULL"});
    } else {
      refuse("IMPUTE with text", "text", value, span, errors);
    }
  };
}

Change impute(FunctionArguments& arguments) {
  const auto how = arguments.constant(1);
  if (!how) return nullptr;
  if (const auto* text = std::get_if<std::string>(&how->node)) return impute_text(*text);
  const auto* whole = std::get_if<std::int64_t>(&how->node);
  const auto* real = std::get_if<double>(&how->node);
  if (whole != nullptr || real != nullptr) {
    const double value = real != nullptr ? *real : static_cast<double>(*whole);
    return step_of("IMPUTE with a number", ir::Impute{ir::Replacement::constant, value});
  }
  arguments.refuse(1, "'mean', 'median', 'mode', a number or a text", print(*how));
  return nullptr;
}

constexpr std::int64_t kMostBuckets = ir::kMostBuckets;

Change vocabulary(FunctionArguments& arguments) {
  constexpr std::int64_t kMost = 100000;
  std::optional<std::int64_t> most = static_cast<std::int64_t>(ir::kMaxVocabulary);
  if (arguments.size() > 1) most = arguments.whole(1, 1, kMost);
  if (!most) return nullptr;
  return text_category("VOCABULARY", [most](FeatureValue& value) {
    return Category{{}, static_cast<std::uint32_t>(*most), for_null_of(value)};
  });
}

/// Keys without their values.
void take_keys(FeatureValue& value) {
  if (auto* text = std::get_if<ir::SparseText>(&value.term.group->source)) text->weighted = false;
}

Change category_hash(FunctionArguments& arguments) {
  const auto buckets = arguments.whole(1, 1, kMostBuckets);
  if (!buckets) return nullptr;
  const auto of_text = text_category("CATEGORY_HASH", [buckets](FeatureValue& value) {
    return HashedCategory{static_cast<std::uint32_t>(*buckets), for_null_of(value)};
  });
  return [=](FeatureValue& value, Diagnostics& errors, SourceSpan span) {
    if (value.kind != ValueKind::sparse) return of_text(value, errors, span);
    // Keys that all have a bucket need no hash.
    const auto width = value.term.group->width;
    if (width == 0 || width > *buckets) {
      errors.push_back({Code::function_arguments,
                        "CATEGORY_HASH of SPARSE takes as many buckets as it has keys: " +
                            (width == 0 ? "SPARSE gives no size" : std::to_string(width)),
                        span, "use CATEGORY_ID, or CATEGORY_HASH(SPARSE(column, n), n)"});
      return;
    }
    take_keys(value);
    value.term.group->width = static_cast<std::uint32_t>(*buckets);
  };
}

/// SQLFlow's word for a comma, or the text itself; "" where it is not given.
std::optional<std::string> delimiter_of(FunctionArguments& arguments, std::size_t at) {
  if (arguments.size() <= at) return "";
  auto text = arguments.text(at);
  if (!text) return std::nullopt;
  if (equal_ignoring_case(*text, "comma")) return ",";
  const bool number = text->find_first_of("0123456789.+-") != std::string::npos;
  if (!text->empty() && !number) return text;
  arguments.refuse(at, "a delimiter that no number has in it", "`" + *text + "`");
  return std::nullopt;
}

/// Ids in one text, as SQLFlow's guide has them: CATEGORY_ID(ids, 100, COMMA).
Change divided_ids(std::uint32_t size, const std::string& delimiter) {
  return [=](FeatureValue& value, Diagnostics& errors, SourceSpan span) {
    if (value.kind != ValueKind::text || value.term.transform)
      return refuse("CATEGORY_ID with a delimiter", "a column of text", value, span, errors);
    const ir::SparseText form{.delimiter = delimiter, .weighted = false};
    value.term.group = ir::SparseGroup{"", value.term.input, form, size, false};
    value.kind = ValueKind::sparse;
  };
}

/// Whole numbers are codes already; text has a vocabulary, as in SQLFlow.
Change category_id(FunctionArguments& arguments) {
  std::optional<std::int64_t> size = 0;
  if (arguments.size() > 1) size = arguments.whole(1, 1, kMostBuckets);
  const auto delimiter = delimiter_of(arguments, 2);
  if (!size || !delimiter) return nullptr;
  const auto most = static_cast<std::uint32_t>(*size);
  if (!delimiter->empty()) return divided_ids(most, *delimiter);
  return [=](FeatureValue& value, Diagnostics& errors, SourceSpan span) {
    if (value.kind == ValueKind::sparse) {
      take_keys(value);
      if (most > 0) value.term.group->width = most;
      return;
    }
    if (value.kind == ValueKind::text) {
      value.term.transform = Category{{}, most, for_null_of(value)};
    } else if (is_numeric(value.kind)) {
      value.term.steps.emplace_back(ir::Identity{most, false});
    } else {
      return refuse("CATEGORY_ID", "whole numbers or text", value, span, errors);
    }
    value.kind = ValueKind::category;
  };
}

Change date_parts(FunctionArguments& arguments) {
  std::vector<ir::Part> parts;
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const auto name = arguments.text(i);
    const auto part = name ? ir::find_part(lower_ascii(*name)) : std::nullopt;
    if (name && !part) {
      arguments.refuse(
          i, "year, month, day, isodow, doy, epoch_days, hour, minute or second_of_day", *name);
    }
    if (!part) return nullptr;
    if (std::find(parts.begin(), parts.end(), *part) == parts.end()) parts.push_back(*part);
  }
  return [=](FeatureValue& value, Diagnostics& errors, SourceSpan span) {
    if (value.kind != ValueKind::date)
      return refuse("DATE_PARTS", "a date or timestamp", value, span, errors);
    value.term.parts = parts;
    value.kind = ValueKind::number;
    if (parts.size() == 1) value.label += "." + std::string(ir::part_name(parts[0]));
  };
}

/// One element in brackets or not, or `none`: 0. Nothing, with an error, for anything else.
std::optional<std::int64_t> shape_of(FunctionArguments& arguments, std::int64_t most) {
  if (arguments.size() < 2) return 0;
  const auto value = arguments.constant(1);
  if (!value) return std::nullopt;
  if (const auto* word = std::get_if<std::string>(&value->node)) {
    if (equal_ignoring_case(*word, "none")) return 0;
  }
  const auto* list = std::get_if<std::vector<Constant>>(&value->node);
  const auto& item = list != nullptr && list->size() == 1 ? list->front() : *value;
  const auto* whole = std::get_if<std::int64_t>(&item.node);
  if (whole != nullptr && *whole >= 1 && *whole <= most) return *whole;
  arguments.refuse(1, "a size from 1 to " + std::to_string(most) + " or none", print(*value));
  return std::nullopt;
}

/// Types of elements, which SQLFlow wants told and we see.
bool check_element_type(FunctionArguments& arguments, std::size_t at) {
  if (arguments.size() <= at) return true;
  const auto type = arguments.text(at);
  if (!type) return false;
  const auto name = lower_ascii(*type);
  if (name == "float" || name == "int") return true;
  arguments.refuse(at, "float or int", *type);
  return false;
}

/// Without a size the rows tell it.
Change dense(FunctionArguments& arguments) {
  constexpr std::int64_t kMost = 65536;
  const auto size = shape_of(arguments, kMost);
  const auto delimiter = delimiter_of(arguments, 2);
  if (!size || !delimiter || !check_element_type(arguments, 3)) return nullptr;
  return [=](FeatureValue& value, Diagnostics& errors, SourceSpan span) {
    if (is_numeric(value.kind)) {
      if (*size <= 1 || value.kind == ValueKind::list) return;
      return refuse("DENSE with a size", "text", value, span, errors);
    }
    if (value.kind != ValueKind::text || value.term.transform)
      return refuse("DENSE", "text or numbers", value, span, errors);
    value.term.elements = static_cast<std::int32_t>(*size);
    value.term.transform = ir::Element{0, *delimiter};
    value.kind = ValueKind::list;
  };
}

Change sparse(FunctionArguments& arguments) {
  const auto size = shape_of(arguments, ir::kMostSparse);
  const auto delimiter = delimiter_of(arguments, 2);
  const auto key_delimiter = delimiter_of(arguments, 4);
  if (!size || !delimiter || !key_delimiter) return nullptr;
  if (!check_element_type(arguments, 3) || !check_element_type(arguments, 5)) return nullptr;
  const ir::SparseText form{*delimiter, key_delimiter->empty() ? ":" : *key_delimiter, true};
  return [=](FeatureValue& value, Diagnostics& errors, SourceSpan span) {
    if (value.kind != ValueKind::text || value.term.transform)
      return refuse("SPARSE", "a column of text", value, span, errors);
    value.term.group =
        ir::SparseGroup{"", value.term.input, form, static_cast<std::uint32_t>(*size), false};
    value.kind = ValueKind::sparse;
  };
}

Change ngrams(FunctionArguments& arguments) {
  const auto words = arguments.whole(1, 1, ir::kMostWords);
  const auto buckets = arguments.whole(2, 1, ir::kMostSparse);
  if (!words || !buckets) return nullptr;
  return [=](FeatureValue& value, Diagnostics& errors, SourceSpan span) {
    if (value.kind != ValueKind::text || value.term.transform)
      return refuse("NGRAMS", "a column of text", value, span, errors);
    value.term.group =
        ir::SparseGroup{"", value.term.input, ir::Ngrams{static_cast<std::uint32_t>(*words)},
                        static_cast<std::uint32_t>(*buckets), false};
    value.kind = ValueKind::sparse;
  };
}

Change indicator(FunctionArguments& /*arguments*/) {
  return [](FeatureValue& value, Diagnostics& errors, SourceSpan span) {
    if (value.kind == ValueKind::sparse) return take_keys(value);
    if (value.kind == ValueKind::date)
      return refuse("INDICATOR", "a category, text or a whole number", value, span, errors);
    if (is_numeric(value.kind)) value.term.steps.emplace_back(ir::Identity{});
    value.term.group = ir::SparseGroup{"", value.term.input, ir::OneHot{}};
    value.kind = ValueKind::sparse;
  };
}

/// The values that CATEGORY_ID left out.
Change weighted_category(FunctionArguments& /*arguments*/) {
  return [](FeatureValue& value, Diagnostics& errors, SourceSpan span) {
    auto* text =
        value.term.group ? std::get_if<ir::SparseText>(&value.term.group->source) : nullptr;
    if (text == nullptr) {
      return refuse("WEIGHTED_CATEGORY", "CATEGORY_ID(SPARSE(...))", value, span, errors);
    }
    text->weighted = true;
  };
}

Change cross(FunctionArguments& arguments) {
  arguments.whole(1, 1, kMostBuckets);
  return nullptr;
}

struct Function {
  std::string_view name;
  std::size_t least = 1;  ///< arguments
  std::size_t most = 1;
  std::string_view usage;
  Change (*read)(FunctionArguments&) = nullptr;
};

constexpr std::array kFunctions = {
    Function{"BUCKET", 2, 2, "BUCKET(number, [boundary, ...])", bucket},
    Function{"CATEGORY_HASH", 2, 2, "CATEGORY_HASH(column, buckets)", category_hash},
    Function{"CATEGORY_ID", 1, 3, "CATEGORY_ID(column[, size[, delimiter]])", category_id},
    Function{"CROSS", 2, 2, "CROSS([column, column, ...], buckets)", cross},
    Function{"DATE_PARTS", 1, 10, "DATE_PARTS(date[, part, ...])", date_parts},
    Function{"DENSE", 1, 4, "DENSE(column[, size[, delimiter[, float|int]]])", dense},
    Function{"EMBEDDING", 1, 3, "EMBEDDING(category[, width[, sum|mean|sqrtn]])", embedding},
    Function{"IMPUTE", 2, 2, "IMPUTE(column, 'mean'|'median'|'mode'|value)", impute},
    Function{"INDICATOR", 1, 1, "INDICATOR(category)", indicator},
    Function{"LOG", 1, 1, "LOG(number)", logarithm},
    Function{"MINMAX", 1, 1, "MINMAX(number)", minmax},
    Function{"NGRAMS", 3, 3, "NGRAMS(text, words, buckets)", ngrams},
    Function{"QUANTILE_BUCKET", 2, 2, "QUANTILE_BUCKET(number, n)", quantile_bucket},
    Function{"SEQ_CATEGORY_ID", 2, 4, "SEQ_CATEGORY_ID(text, size[, delimiter[, length]])",
             sequence},
    Function{"SPARSE", 1, 6,
             "SPARSE(column[, size[, delimiter[, float|int[, key_delimiter[, float|int]]]]])",
             sparse},
    Function{"STANDARDIZE", 1, 1, "STANDARDIZE(number)", standardize},
    Function{"VOCABULARY", 1, 2, "VOCABULARY(column[, most])", vocabulary},
    Function{"WEIGHTED_CATEGORY", 1, 1, "WEIGHTED_CATEGORY(CATEGORY_ID(SPARSE(column)))",
             weighted_category},
};

const Function* find_function(const ast::Call& call) {
  const auto name = call.function.text();
  const auto found = std::find_if(kFunctions.begin(), kFunctions.end(),
                                  [&](const auto& f) { return equal_ignoring_case(f.name, name); });
  return found == kFunctions.end() ? nullptr : &*found;
}

/// What only says how a column is read.
bool keeps_name(const Function& function, bool for_network) {
  if (for_network && (function.read == embedding || function.read == indicator)) return true;
  return function.read == date_parts || function.read == dense || function.read == sparse;
}

bool is_cross(const Function& function) { return function.read == cross; }

/// What other systems call a function that is here too.
std::string_view known_as(std::string_view name) {
  static constexpr std::array<KnownElsewhere, 8> kOthers = {{
      {"NUMERIC", "it is called DENSE"},
      {"BUCKETIZE", "it is called BUCKET"},
      {"BUCKETIZED", "it is called BUCKET"},
      {"NORMALIZE", "MINMAX gives 0 to 1, STANDARDIZE the distance from the mean in deviations"},
      {"ONE_HOT", "it is called INDICATOR"},
      {"ONE_HOT_ENCODER", "it is called INDICATOR"},
      {"HASH_BUCKET", "it is called CATEGORY_HASH"},
      {"CONCAT", "put texts together in the query; CROSS makes one category of several columns"},
  }};
  return substitute(name, kOthers);
}

void unknown(const ast::Call& call, Diagnostics& errors) {
  std::vector<std::string> names;
  std::string listed;
  for (const auto& f : kFunctions) {
    names.emplace_back(f.name);
    listed += (listed.empty() ? "" : ", ") + std::string(f.name);
  }
  auto hint = std::string(known_as(call.function.text()));
  if (hint.empty()) hint = suggest(call.function.text(), names, "COLUMN knows " + listed);
  errors.push_back({Code::unknown_function, "unknown feature function: " + call.function.text(),
                    call.function.span, std::move(hint)});
}

/// False, with an error, where the function cannot be called so.
bool check_count(const Function& function, const ast::Call& call, Diagnostics& errors) {
  const auto found = call.args.size();
  if (found >= function.least && found <= function.most) return true;
  const auto wanted = function.least == function.most
                          ? std::to_string(function.least)
                          : std::to_string(function.least) + " to " + std::to_string(function.most);
  errors.push_back({Code::function_arguments,
                    call.function.text() + " takes " + wanted +
                        (wanted == "1" ? " argument" : " arguments") + ", found " +
                        std::to_string(found),
                    call.function.span, "it is written " + std::string(function.usage)});
  return false;
}

/// The columns of CROSS, in brackets.
const std::vector<ast::Expr>* crossed(const ast::Call& call) {
  const auto* list = std::get_if<ast::List>(&call.args.front().node);
  return list == nullptr ? nullptr : &list->items;
}

void put_around(const std::string& name, FeatureValue& value) {
  value.term.opening = name + "(" + value.term.opening;
  value.term.closing += ")";
  value.label = name + "(" + value.label + ")";
}

/// A value as one column of a CROSS; none, with an error, where it cannot be.
std::optional<ir::CrossKey> key_of(const FeatureValue& value, SourceSpan span,
                                   Diagnostics& errors) {
  const auto& term = value.term;
  const bool fitted = std::any_of(term.steps.begin(), term.steps.end(),
                                  [](const auto& step) { return ir::is_fitted(step); });
  const bool part = term.parts.size() == 1;
  const bool plain = value.kind == ValueKind::number || value.kind == ValueKind::text ||
                     (value.kind == ValueKind::category && !term.steps.empty());
  if (plain && !fitted && !term.transform && (part || term.parts.empty()))
    return ir::CrossKey{term.input, part ? std::optional(term.parts[0]) : std::nullopt, term.steps};
  errors.push_back({Code::column_type, "CROSS cannot take " + value.label, span,
                    "it takes columns of text and numbers, one part of a date, and functions that "
                    "need no look at the rows, such as BUCKET"});
  return std::nullopt;
}

std::vector<FeatureValue> bind_cross(
    const ast::Call& call,
    const std::function<std::vector<FeatureValue>(const ast::Expr&)>& columns_of,
    Diagnostics& errors) {
  ir::Cross out;
  std::string names;
  for (const auto& item : *crossed(call)) {
    for (const auto& value : columns_of(item)) {
      auto key = key_of(value, item.span, errors);
      if (!key) return {};
      out.keys.push_back(*std::move(key));
      names += (names.empty() ? "" : ", ") + value.label;
    }
  }
  if (out.keys.size() < 2) {
    if (errors.empty()) {
      errors.push_back({Code::function_arguments, "CROSS takes two columns at least",
                        call.function.span, "CATEGORY_HASH takes one"});
    }
    return {};
  }
  const auto buckets = fold(call.args[1]);
  out.buckets = static_cast<std::uint32_t>(std::get<std::int64_t>(buckets->node));
  ir::Term term{.input = out.keys[0].input, .opening = "cross(" + names, .closing = ")"};
  term.transform = std::move(out);
  return {{std::move(term), ValueKind::category, "cross(" + names + ")"}};
}

bool is_for_networks(const Function& function) {
  return function.read == embedding || function.read == sequence;
}

/// False, with an error, where there is no such function for what is trained.
bool check_network(const Function& function, const ast::Call& call,
                   const ir::EstimatorDescriptor& estimator, Diagnostics& errors) {
  if (function.read == sequence && estimator.is_network() && !estimator.reads_steps()) {
    errors.push_back(
        {Code::function_for_networks,
         "SEQ_CATEGORY_ID is for networks that read step by step, " + estimator.name + " does not",
         call.function.span, "use StackedRNNClassifier, or SPARSE in its place"});
    return false;
  }
  if (estimator.embeds() || !is_for_networks(function)) return true;
  if (estimator.is_network()) {
    errors.push_back(
        {Code::function_for_networks,
         std::string(function.name) + " is learned with a label, " + estimator.name + " has none",
         call.function.span, "use INDICATOR: ones among zeros"});
    return false;
  }
  errors.push_back({Code::function_for_networks,
                    std::string(function.name) + " is for neural networks, which learn it",
                    call.function.span,
                    "trees take categories as they are: use CATEGORY_ID, VOCABULARY or "
                    "CATEGORY_HASH alone"});
  return false;
}

/// What the function does to its values.
Change read(const Function& function, bool for_network, FunctionArguments& arguments) {
  if (for_network && function.read == indicator) return network_indicator();
  return function.read(arguments);
}

}  // namespace

std::vector<std::string_view> function_usages() {
  std::vector<std::string_view> out;
  for (const auto& function : kFunctions) {
    if (!function.usage.empty()) out.push_back(function.usage);
  }
  return out;
}

void refuse_value(const std::string& function, const std::string& takes, const FeatureValue& value,
                  SourceSpan span, Diagnostics& errors) {
  errors.push_back({Code::column_type,
                    function + " takes " + takes + ", " + value.label + " is " +
                        std::string(kind_words(value.kind)),
                    span, hint_for(value.kind)});
}

void check_call(const ast::Call& call, const ir::EstimatorDescriptor& estimator,
                const std::function<void(const ast::Expr&, Diagnostics&)>& check_column,
                Diagnostics& errors) {
  const auto* function = find_function(call);
  if (function == nullptr) return unknown(call, errors);
  if (!check_network(*function, call, estimator, errors)) return;
  if (!check_count(*function, call, errors)) return;
  FunctionArguments arguments(call, function->usage, errors);
  if (!is_cross(*function)) {
    check_column(call.args.front(), errors);
  } else if (const auto* columns = crossed(call)) {
    for (const auto& column : *columns) check_column(column, errors);
  } else {
    arguments.refuse(0, "columns in brackets", "something else");
  }
  [[maybe_unused]] const auto change = function->read(arguments);
}

std::vector<FeatureValue> bind_call(
    const ast::Call& call, bool for_network,
    const std::function<std::vector<FeatureValue>(const ast::Expr&)>& columns_of,
    Diagnostics& errors) {
  const auto& function = *find_function(call);
  if (is_cross(function)) return bind_cross(call, columns_of, errors);
  FunctionArguments arguments(call, function.usage, errors);
  const auto change = read(function, for_network, arguments);
  const auto span = call.args.front().span;
  auto values = columns_of(call.args.front());
  const auto before = errors.size();
  for (auto& value : values) {
    change(value, errors, span);
    if (errors.size() > before) return {};  // one of many columns is enough to say
    if (!keeps_name(function, for_network)) put_around(lower_ascii(function.name), value);
  }
  return values;
}

}  // namespace quern::binding

// Lengths by column.

#include "runtime/fit/list_lengths.h"

#include <algorithm>

#include "base/format.h"
#include "codegen/interpret/text_vectors.h"

namespace quern::runtime {
namespace {

/// "3 in 995 rows, 4 in 5 rows", the most frequent first; three at most.
std::string shown(const std::map<std::int32_t, std::int64_t>& rows) {
  std::vector<std::pair<std::int32_t, std::int64_t>> order(rows.begin(), rows.end());
  std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  std::string out;
  for (std::size_t i = 0; i < order.size() && i < 3; ++i) {
    out += (i > 0 ? ", " : "") + std::to_string(order[i].first) + " in " +
           counted(order[i].second, "row");
  }
  return order.size() > 3 ? out + ", ..." : out;
}

}  // namespace

ListLengths::ListLengths(const ir::Train& statement) : statement_(statement) {
  const auto& inputs = statement.program.inputs;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i].kind == TypeKind::list) lists_.push_back({i, inputs[i].elements});
  }
  add_texts();
}

void ListLengths::add_texts() {
  for (const auto& term : statement_.program.terms) {
    const auto input = term.input;
    const bool known = std::any_of(lists_.begin(), lists_.end(),
                                   [&](const Seen& seen) { return seen.input == input; });
    if (known || !ir::is_open(statement_.program, input) || !term.transform) continue;
    if (const auto* element = std::get_if<ir::Element>(&*term.transform))
      lists_.push_back({.input = input, .delimiter = element->delimiter});
  }
}

void ListLengths::observe(Seen& list, const Column& column) {
  for (std::int64_t i = 0; i < column.length; ++i) {
    if (column.is_null(i)) continue;
    const auto length = column.list_size(i);
    ++list.rows[length];
    if (list.length == 0) list.length = length;
  }
}

/// The first text with numbers tells; those of other forms are left to the fitter, which counts
/// them.
void ListLengths::observe_texts(Seen& texts, const Column& column) {
  std::vector<double> numbers;
  for (std::int64_t i = 0; i < column.length && texts.length == 0; ++i) {
    if (column.is_null(i)) continue;
    const bool is_vector = codegen::parse_numbers(column.text(i), *texts.delimiter, numbers);
    texts.length = is_vector ? static_cast<std::int32_t>(numbers.size()) : 1;
  }
}

void ListLengths::observe(const ColumnBatch& batch) {
  rows_ += batch.rows;
  for (auto& seen : lists_) {
    const auto& column = batch.columns[statement_.input_columns[seen.input]];
    seen.delimiter ? observe_texts(seen, column) : observe(seen, column);
  }
}

bool ListLengths::known() const {
  return std::none_of(lists_.begin(), lists_.end(), [](const Seen& s) { return s.length == 0; });
}

std::vector<std::int32_t> ListLengths::lengths() const {
  std::vector<std::int32_t> out(statement_.program.inputs.size());
  for (const auto& seen : lists_) out[seen.input] = seen.length;
  return out;
}

void ListLengths::check(const Seen& seen, Diagnostics& errors) const {
  const auto& input = statement_.program.inputs[seen.input];
  const auto span = statement_.query.span;
  if (seen.length == 0 && rows_ > 0) {
    errors.push_back({Code::list_empty,
                      "column " + input.name + " has no " + (seen.delimiter ? "text" : "list") +
                          " with elements: all of " + counted(rows_, "row") + " are NULL or empty",
                      span, "leave the column out"});
  } else if (statement_.start && (seen.rows.size() > 1 || !seen.rows.contains(seen.length)) &&
             !seen.rows.empty()) {
    errors.push_back({Code::list_length,
                      "the lists of column " + input.name + " have " +
                          counted(seen.length, "element") + " in the model, here " +
                          shown(seen.rows),
                      span});
  } else if (seen.rows.size() > 1) {
    errors.push_back({Code::list_length,
                      "the lists of column " + input.name +
                          " differ in length, each element is a feature: " + shown(seen.rows),
                      span, "select rows with lists of one length, or make them so in the query"});
  }
}

Diagnostics ListLengths::check() const {
  Diagnostics errors;
  for (const auto& seen : lists_) check(seen, errors);
  return errors;
}

}  // namespace quern::runtime

// Which printer a format has.

#include "cli/printer.h"

#include <utility>

#include "cli/printers.h"

namespace quern::cli {

std::unique_ptr<Printer> make_printer(Format format, std::FILE* out, PrintOptions options) {
  if (format == Format::table && options.expanded)
    return make_expanded_printer(out, std::move(options));
  switch (format) {
    case Format::table: return make_table_printer(out, std::move(options));
    case Format::csv: return make_csv_printer(out);
    case Format::jsonl: return make_jsonl_printer(out);
    case Format::markdown: return make_markdown_printer(out);
  }
  return make_table_printer(out, std::move(options));
}

}  // namespace quern::cli

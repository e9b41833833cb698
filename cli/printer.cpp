// Which printer a format has.

#include "cli/printer.h"

#include "cli/printers.h"

namespace quern::cli {

std::unique_ptr<Printer> make_printer(Format format, std::FILE* out) {
  switch (format) {
    case Format::table: return make_table_printer(out);
    case Format::csv: return make_csv_printer(out);
    case Format::jsonl: return make_jsonl_printer(out);
    case Format::markdown: return make_markdown_printer(out);
  }
  return make_table_printer(out);
}

}  // namespace quern::cli

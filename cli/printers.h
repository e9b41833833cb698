#pragma once
// One maker for each format; each has a file of its own.

#include <cstdio>
#include <memory>

#include "cli/printer.h"

namespace quern::cli {

std::unique_ptr<Printer> make_table_printer(std::FILE* out, PrintOptions options);
std::unique_ptr<Printer> make_expanded_printer(std::FILE* out, PrintOptions options);
std::unique_ptr<Printer> make_csv_printer(std::FILE* out);
std::unique_ptr<Printer> make_jsonl_printer(std::FILE* out);
std::unique_ptr<Printer> make_markdown_printer(std::FILE* out);

}  // namespace quern::cli

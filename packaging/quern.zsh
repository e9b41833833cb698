#compdef quern
# Completion of quern's command line for zsh.
_arguments -s \
  '(-h --help)'{-h,--help}'[list the options]' \
  '--db[database]:URI:(duckdb\: duckdb\:\:memory\: sqlite\: postgresql\:// mysql\://)' \
  '*'{-e,--execute}'[run this text]:SQL: ' \
  '*'{-f,--file}'[run this file]:file:_files' \
  '--format[rows as]:name:(table csv jsonl markdown)' \
  '--csv[the same as --format csv]' \
  '(-o --output)'{-o,--output}'[write the rows to this file]:file:_files' \
  '*'{-v,--variable}'[the value of a variable]:NAME=VALUE: ' \
  '--keep-going[run later statements after a failed one]' \
  '--dry-run[check every statement and run none]' \
  '--log[on standard error]:form:(text json)' \
  '--threads[threads of the database and of trainings]:number: ' \
  '--version[print the version]' \
  '*:file:_files'

# Completion of quern's command line for bash.
_quern() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  COMPREPLY=()
  case $previous in
    --format)
      mapfile -t COMPREPLY < <(compgen -W 'table csv jsonl markdown' -- "$current")
      return
      ;;
    --log)
      mapfile -t COMPREPLY < <(compgen -W 'text json' -- "$current")
      return
      ;;
    --db)
      mapfile -t COMPREPLY < <(compgen -W 'duckdb: duckdb::memory: sqlite: postgresql:// mysql://' -- "$current")
      compopt -o nospace 2>/dev/null
      return
      ;;
    -e | --execute | -v | --variable | --threads) return ;;
  esac
  if [[ $current == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W '-h --help --db -e --execute -f --file --format --csv -o --output -v
      --variable --keep-going --dry-run --log --threads --version' -- "$current")
  else
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
    compopt -o filenames 2>/dev/null
  fi
}
complete -F _quern quern

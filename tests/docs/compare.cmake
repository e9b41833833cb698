# Compares a generated page with the one in docs/.
execute_process(COMMAND ${PROGRAM} ${PAGE} OUTPUT_VARIABLE generated COMMAND_ERROR_IS_FATAL ANY)
file(READ ${DOCS}/${PAGE}.md current)
if(NOT generated STREQUAL current)
  message(FATAL_ERROR "docs/${PAGE}.md is not current; write it with: ./dev docs")
endif()

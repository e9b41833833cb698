# What every target shares: language level, warnings, sanitizers, where files go.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

find_program(QUERN_CCACHE ccache)
if(QUERN_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${QUERN_CCACHE})
endif()
find_program(QUERN_LLD ld.lld)
if(QUERN_LLD)
  add_link_options(-fuse-ld=lld)
endif()

# Warnings for our own code; generated and foreign code comes in as SYSTEM. GCC 12 raises -Wrestrict
# wrongly on std::string::insert (its bug 105651); designated initialisers leave out members on purpose.
add_library(quern_flags INTERFACE)
target_compile_options(quern_flags INTERFACE -Wall -Wextra $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict> -Wno-missing-field-initializers $<$<BOOL:${QUERN_WERROR}>:-Werror>)
target_include_directories(quern_flags INTERFACE ${CMAKE_SOURCE_DIR})

if(QUERN_SANITIZE)
  add_compile_options(-fsanitize=${QUERN_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${QUERN_SANITIZE})
endif()

find_package(nlohmann_json 3.11 REQUIRED)
find_package(Threads REQUIRED)

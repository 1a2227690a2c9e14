# The house rules for targets: one library per folder, `quern::x` aliases, warnings as an interface target.
include(GoogleTest)

add_library(quern_options INTERFACE)
target_compile_features(quern_options INTERFACE cxx_std_20)
target_include_directories(quern_options INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}/generated)
target_link_libraries(quern_options INTERFACE Threads::Threads)

add_library(quern_warnings INTERFACE)
# At -O3 g++ 12 warns of overlapping copies in std::string that are not there (GCC bugs 105651, 105329); Release warnings
# are no errors for the same reason.
target_compile_options(quern_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor
                       # Of a unity build g++ believes that it is a header, whose anonymous types must not be members.
                       -Wno-subobject-linkage
                       # In coroutines g++ 12 takes Asio's own allocation of frames for a mismatch (GCC bug 109224).
                       -Wno-mismatched-new-delete
                       $<IF:$<CONFIG:Release>,-Wno-restrict,-Werror>)

set(QUERN_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize takes them (set by the presets)")
if(QUERN_SANITIZE)
  target_compile_options(quern_options INTERFACE -fsanitize=${QUERN_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(quern_options INTERFACE -fsanitize=${QUERN_SANITIZE})
endif()
if(QUERN_SANITIZE STREQUAL "thread")
  # Asio has fences, which ThreadSanitizer does not see; it has locks beside them, which it does. Without the macro,
  # headers of libraries that are not instrumented keep the layout that those were built with.
  target_compile_options(quern_options INTERFACE -Wno-tsan -U__SANITIZE_THREAD__)
  target_link_libraries(quern_options INTERFACE quern_tsan_absl)
endif()

# quern_library(NAME [DEPS target...]): NAME from every .cc of this folder but main.cc (header-only where there is none), with the alias quern::NAME.
function(quern_library name)
  cmake_parse_arguments(arg "" "" "DEPS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  list(REMOVE_ITEM sources ${CMAKE_CURRENT_SOURCE_DIR}/main.cc)
  if(NOT sources)
    add_library(quern_${name} INTERFACE)
    add_library(quern::${name} ALIAS quern_${name})
    target_link_libraries(quern_${name} INTERFACE quern_options ${arg_DEPS})
    return()
  endif()
  add_library(quern_${name} STATIC ${sources})
  add_library(quern::${name} ALIAS quern_${name})
  target_link_libraries(quern_${name} PUBLIC quern_options ${arg_DEPS} PRIVATE $<BUILD_INTERFACE:quern_warnings>)
endfunction()

# What a user runs, without the tests: `make demo` builds no more.
add_custom_target(programs)

# quern_binary(NAME DEPS target...): the program build/bin/NAME from this folder's main.cc. Outside of tests/ it is one of
# the `programs`.
function(quern_binary name)
  cmake_parse_arguments(arg "" "" "DEPS" ${ARGN})
  add_executable(${name} main.cc)
  if(NOT CMAKE_CURRENT_SOURCE_DIR MATCHES "^${CMAKE_SOURCE_DIR}/tests/")
    add_dependencies(programs ${name})
  endif()
  target_link_libraries(${name} PRIVATE quern_options quern_warnings ${arg_DEPS})
  # Threads that free what others allocated: glibc's allocator takes a fifth more of the processor. The sanitizers bring
  # allocators of their own.
  if(NOT QUERN_SANITIZE)
    target_sources(${name} PRIVATE ${CMAKE_SOURCE_DIR}/cmake/malloc_conf.cc)
    target_link_libraries(${name} PRIVATE ${JEMALLOC_LIBRARY})
  endif()
endfunction()

# What the sanitizer builds make: `unit_tests` and `tsan_tests` hold the test programs of that label.
foreach(label unit tsan integration system)
  add_custom_target(${label}_tests)
endforeach()

# quern_test(NAME DEPS target... [LABELS label...]): one test program from every *_test.cc of this folder.
# Labels: unit, tsan (threads: run under TSan too), integration (real Redis), system (real processes).
function(quern_test name)
  cmake_parse_arguments(arg "" "TIMEOUT" "DEPS;LABELS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_test.cc)
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE quern_options quern_warnings ${arg_DEPS} GTest::gmock GTest::gtest_main)
  foreach(label ${arg_LABELS})
    add_dependencies(${label}_tests ${name})
  endforeach()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  # gtest_discover_tests can't pass lists: one label "unit-tsan" answers to both `ctest -L unit` and `ctest -L tsan`.
  list(JOIN arg_LABELS "-" label)
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
    PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS ${label})
endfunction()

# quern_embed(TARGET NAMESPACE OUT file...): generates OUT.h with `inline constexpr std::string_view k<Stem>` for each
# file (stem in CamelCase), so that data and scripts travel inside the binary.
function(quern_embed target namespace out)
  set(header ${CMAKE_BINARY_DIR}/generated/${out})
  set(inputs)
  foreach(file ${ARGN})
    get_filename_component(absolute ${file} ABSOLUTE)
    list(APPEND inputs ${absolute})
  endforeach()
  add_custom_command(OUTPUT ${header}
    COMMAND ${CMAKE_COMMAND} -DOUT=${header} -DNAMESPACE=${namespace} "-DFILES=${inputs}" -P ${CMAKE_SOURCE_DIR}/cmake/Embed.cmake
    DEPENDS ${inputs} ${CMAKE_SOURCE_DIR}/cmake/Embed.cmake VERBATIM)
  target_sources(${target} PRIVATE ${header})
endfunction()

/* stock-runner FILE [DIRECTORY [ARGUMENT...]]: runs a WASI command, a module or its machine code (.aot),
 * in WAMR as it comes, with the directory as its descriptor 3; prints the CPU seconds of its main
 * function, on a line behind whatever the command prints. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "wasm_export.h"

enum { kStackBytes = 16 << 20 };

static double CpuSeconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static unsigned char* ReadFile(const char* path, uint32_t* size) {
  FILE* file = fopen(path, "rb");
  if (!file || fseek(file, 0, SEEK_END) != 0) return NULL;
  *size = (uint32_t)ftell(file);
  rewind(file);
  unsigned char* bytes = malloc(*size);
  if (bytes && fread(bytes, 1, *size, file) != *size) bytes = NULL;
  fclose(file);
  return bytes;
}

int main(int argc, char** argv) {
  char error[192] = "";
  uint32_t size = 0;
  RuntimeInitArgs init;
  memset(&init, 0, sizeof init);
  init.mem_alloc_type = Alloc_With_System_Allocator;
  unsigned char* bytes = argc > 1 ? ReadFile(argv[1], &size) : NULL;
  if (!bytes || !wasm_runtime_full_init(&init)) return 1;
  wasm_module_t module = wasm_runtime_load(bytes, size, error, sizeof error);
  if (!module) return fprintf(stderr, "%s\n", error), 1;
  uint32_t directory_count = argc > 2 ? 1 : 0;
  // The directory's place in the list becomes the name of the command.
  char** arguments = argc > 2 ? argv + 2 : argv + 1;
  const int argument_count = argc > 2 ? argc - 2 : 1;
  char* directory = argc > 2 ? argv[2] : NULL;
  const char* directories[] = {directory};
  arguments[0] = argv[1];
  wasm_runtime_set_wasi_args(module, directories, directory_count, NULL, 0, NULL, 0, arguments,
                             argument_count);
  wasm_module_inst_t instance =
      wasm_runtime_instantiate(module, kStackBytes, 0, error, sizeof error);
  if (!instance) return fprintf(stderr, "%s\n", error), 1;
  double before = CpuSeconds();
  bool good = wasm_application_execute_main(instance, argument_count, arguments);
  printf("\n%.6f\n", CpuSeconds() - before);
  return good ? 0 : 1;
}

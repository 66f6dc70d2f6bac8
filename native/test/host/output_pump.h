#ifndef WASMSH_TEST_HOST_OUTPUT_PUMP_H_
#define WASMSH_TEST_HOST_OUTPUT_PUMP_H_

#include <memory>
#include <string>
#include <thread>

#include "status.h"

namespace wasmsh::test_host {

/** A pipe that a guest writes to, as it does under wasmsh, and a file that all of it goes to. */
class OutputPump {
 public:
  /** Takes a descriptor of the host's in place of a file when `path` is empty. */
  static Status Open(const std::string& path, int inherited, std::unique_ptr<OutputPump>* out);
  /** Waits until every writer has closed the pipe. */
  ~OutputPump();
  OutputPump(const OutputPump&) = delete;
  OutputPump& operator=(const OutputPump&) = delete;

  /** The pipe's end to write to, whose owner the caller becomes. */
  int TakeWriteEnd();

 private:
  OutputPump() = default;
  void Copy() const;

  int from_ = -1;
  int to_ = -1;
  int write_end_ = -1;
  std::thread thread_;
};

}  // namespace wasmsh::test_host

#endif  // WASMSH_TEST_HOST_OUTPUT_PUMP_H_

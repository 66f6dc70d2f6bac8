#include "oplog/op_data_parts.h"

namespace wasmsh::oplog {
namespace {

constexpr bool kTaken = false;
constexpr bool kPut = true;
constexpr bool kVectors = true;
constexpr bool kBuffer = false;
constexpr auto kFixed = DataPart::Count::kFixed;
constexpr auto kArgument = DataPart::Count::kArgument;
constexpr auto kResult = DataPart::Count::kResult;

// Sizes of structures of preview 1 (phases/snapshot/docs.md).
constexpr uint8_t kFdstatBytes = 24;
constexpr uint8_t kFilestatBytes = 64;
constexpr uint8_t kPrestatBytes = 8;
constexpr uint8_t kSubscriptionBytes = 48;
constexpr uint8_t kEventBytes = 32;
constexpr uint8_t kVectorBytes = 8;  // address and length of a buffer

struct Row {
  const char* call;
  DataPart part;
};

// Calls with a list of buffers keep the list first: it tells how long each buffer is.
constexpr Row kRows[] = {
    {"fd_fdstat_get", {kPut, kBuffer, 1, kFixed, 0, kFdstatBytes}},
    {"fd_filestat_get", {kPut, kBuffer, 1, kFixed, 0, kFilestatBytes, true}},
    {"fd_pread", {kTaken, kBuffer, 1, kArgument, 2, kVectorBytes}},
    {"fd_pread", {kPut, kVectors, 1, kResult, 4}},
    {"fd_prestat_dir_name", {kPut, kBuffer, 1, kArgument, 2}},
    {"fd_prestat_get", {kPut, kBuffer, 1, kFixed, 0, kPrestatBytes}},
    {"fd_pwrite", {kTaken, kBuffer, 1, kArgument, 2, kVectorBytes}},
    {"fd_pwrite", {kTaken, kVectors, 1, kResult, 4}},
    {"fd_read", {kTaken, kBuffer, 1, kArgument, 2, kVectorBytes}},
    {"fd_read", {kPut, kVectors, 1, kResult, 3}},
    {"fd_readdir", {kPut, kBuffer, 1, kResult, 4}},
    {"fd_write", {kTaken, kBuffer, 1, kArgument, 2, kVectorBytes}},
    {"fd_write", {kTaken, kVectors, 1, kResult, 3}},
    {"path_filestat_get", {kPut, kBuffer, 4, kFixed, 0, kFilestatBytes, true}},
    {"path_readlink", {kPut, kBuffer, 3, kResult, 5}},
    {"poll_oneoff", {kTaken, kBuffer, 0, kArgument, 2, kSubscriptionBytes, true}},
    {"poll_oneoff", {kPut, kBuffer, 1, kResult, 3, kEventBytes, true}},
    {"random_get", {kPut, kBuffer, 0, kArgument, 1}},
    {"sock_recv", {kTaken, kBuffer, 1, kArgument, 2, kVectorBytes}},
    {"sock_recv", {kPut, kVectors, 1, kResult, 4}},
    {"sock_send", {kTaken, kBuffer, 1, kArgument, 2, kVectorBytes}},
    {"sock_send", {kTaken, kVectors, 1, kResult, 4}},
};

}  // namespace

std::vector<DataPart> DataPartsOf(const std::string& call) {
  std::vector<DataPart> parts;
  for (const Row& row : kRows) {
    if (call == row.call) parts.push_back(row.part);
  }
  return parts;
}

}  // namespace wasmsh::oplog

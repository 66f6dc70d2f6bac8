#ifndef WASMSH_OPLOG_OP_DATA_PARTS_H_
#define WASMSH_OPLOG_OP_DATA_PARTS_H_

#include <string>
#include <vector>

#include "oplog/op_shape.h"

namespace wasmsh::oplog {

/** The bytes that belong to a call. Arguments and environment of the guest are left out: they are
 *  part of its state and never change. */
std::vector<DataPart> DataPartsOf(const std::string& call);

}  // namespace wasmsh::oplog

#endif  // WASMSH_OPLOG_OP_DATA_PARTS_H_

/*
 * Linear memory is little-endian; WAMR's interpreter reads and writes it in the host's byte order.
 * Here its accesses are given other meanings, for hosts of the other order: to be included behind
 * all of WAMR's headers and in front of the interpreter's file, and nowhere else.
 *
 * native/wamr/CMakeLists.txt sees that the interpreter accesses memory by these names alone.
 */
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__

static inline uint16 LoadLittle16(const void* from) {
  uint16 value;
  memcpy(&value, from, sizeof value);
  return __builtin_bswap16(value);
}

static inline uint32 LoadLittle32(const void* from) {
  uint32 value;
  memcpy(&value, from, sizeof value);
  return __builtin_bswap32(value);
}

static inline uint64 LoadLittle64(const void* from) {
  uint64 value;
  memcpy(&value, from, sizeof value);
  return __builtin_bswap64(value);
}

static inline void StoreLittle16(void* to, uint16 value) {
  value = __builtin_bswap16(value);
  memcpy(to, &value, sizeof value);
}

static inline void StoreLittle32(void* to, uint32 value) {
  value = __builtin_bswap32(value);
  memcpy(to, &value, sizeof value);
}

static inline void StoreLittle64(void* to, uint64 value) {
  value = __builtin_bswap64(value);
  memcpy(to, &value, sizeof value);
}

#undef LOAD_I16
#undef LOAD_U16
#undef LOAD_I32
#undef LOAD_U32
#undef LOAD_I64
#undef STORE_U16
#undef STORE_U32
#undef STORE_I64
#define LOAD_I16(address) ((int16)LoadLittle16(address))
#define LOAD_U16(address) LoadLittle16(address)
#define LOAD_I32(address) ((int32)LoadLittle32(address))
#define LOAD_U32(address) LoadLittle32(address)
#define LOAD_I64(address) ((int64)LoadLittle64(address))
#define STORE_U16(address, value) StoreLittle16(address, value)
#define STORE_U32(address, value) StoreLittle32(address, value)
#define STORE_I64(address, value) StoreLittle64(address, (uint64)(value))

/* Writes operands, locals and globals too, which are in the host's order: i64.store is told from
 * those by the name of what it writes to. */
#undef PUT_I64_TO_ADDR
#define PUT_I64_TO_ADDR(address, value)                     \
  do {                                                      \
    uint32* to_ = (uint32*)(address);                       \
    int64 value_ = (int64)(value);                          \
    if (__builtin_strcmp(#address, "(uint32 *)maddr") == 0) \
      StoreLittle64(to_, (uint64)value_);                   \
    else                                                    \
      memcpy(to_, &value_, sizeof value_);                  \
  } while (0)

#endif

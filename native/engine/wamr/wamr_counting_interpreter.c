/*
 * The interpreter once more, for guests whose visits are counted (GuestSeam.visits). In a copy of
 * its own: further labels in the one function made others up to 16 % slower, although they were
 * never jumped to.
 */
#define WASMSH_COUNTS_VISITS
#include "engine/wamr/wamr_interpreter.c"

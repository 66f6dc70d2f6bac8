import type { Topic } from '../../core/plugin.js'

export const topic: Topic = {
  name: 'pipes',
  summary: 'pipes between guests, and what snapshots do about them',
  text: `Guests of one shell can be connected by pipes. They are pipes of the system, which guests read and write without wasmsh in between.

  run a.wasm -- x | run b.wasm | run c.wasm     a pipeline
  pipe jobs --capacity 4096                     a pipe with a name
  run a.wasm --stdout pipe:jobs --detach        ... as a standard stream
  run b.wasm --fd 5=pipe:jobs:r                 ... as any descriptor
  ipc                                           lists the pipes

A guest sees a pipe as it would anywhere: a read waits until there is something, and finds the end once all writers are gone; a write waits while the pipe is full, and fails with the error "pipe" (64) once all readers are gone. A guest that ends, is killed or crashes closes its ends; one that is paused or trapped keeps them.

A pipeline in the foreground is one thing: Ctrl-C pauses all of it, and when one guest pauses or traps the others are paused, too. "resume --group", "pause --group", "wait --group" and "kill --group" are about a guest and all that share pipes with it.

"snapshot NAME --group" stores all of them at one instant, with the bytes in flight: a snapshot of each, NAME.GUEST, all or none. "recover NAME" brings all of them back, also in another process: no byte is lost or repeated, and who waited waits on.

One alone: "snapshot" without --group stores one guest. Bytes in flight belong to the guest that reads them; to a writer only while no guest has had the other end. "recover NAME.GUEST" brings one guest back, from a group or not. Then the ends that other guests had are

  closed                      (default) the reader finds the end behind the bytes in flight, the writer gets "pipe"
  left open, --ends open      until those guests of the group are recovered, too, each with --ends open: they find the pipe
  something else, --stdout FILE, --stdin pipe:NAME, --fd N=pipe:NAME:w
                              what takes the place of this guest's own end; bytes in flight stay behind

What is lost is said when the guest is recovered.`,
}

/** Who can act on the error. The shell's exit code follows: internal 1, user 2, environment 3. */
export type ErrorKind = 'user' | 'environment' | 'internal'

/**
 * Every code that wasmsh raises, from TypeScript and from native code (there without the prefix).
 * Codes are public: never renamed, never reused. docs/errors.md is generated from this table by
 * `npm run docs`. Sorted by area.
 */
export const errorCodes = {
  ERR_WASMSH_ARCHIVE_EXISTS: {
    kind: 'user',
    remedy: 'Choose another file, or remove the one that is there.',
  },
  ERR_WASMSH_ARCHIVE_INVALID: {
    kind: 'user',
    remedy: 'The file is not a whole .wsnap archive: export it again where the snapshot is.',
  },
  ERR_WASMSH_ARGUMENT_COUNT: {
    kind: 'user',
    remedy: 'Give one value per parameter of the export.',
  },
  ERR_WASMSH_ASSERT_FAILED: {
    kind: 'user',
    remedy: 'Look at the guest with "info" and "frames", or change what the script expects.',
  },
  ERR_WASMSH_BINDINGS_INVALID: {
    kind: 'user',
    remedy:
      'Recover with --map-dir, --stdin, --stdout and --stderr given, which replace the stored host paths.',
  },
  ERR_WASMSH_CANCELLED: {
    kind: 'user',
    remedy: 'Nothing was changed; start it again when you want.',
  },
  ERR_WASMSH_COMMAND_SYNTAX: {
    kind: 'user',
    remedy: 'Quote characters that have a meaning of their own; "help language" has the rules.',
  },
  ERR_WASMSH_COMMAND_UNKNOWN: {
    kind: 'user',
    remedy: 'List the commands with "help".',
  },
  ERR_WASMSH_COMMAND_USAGE: {
    kind: 'user',
    remedy: 'Read "help COMMAND" for what it takes.',
  },
  ERR_WASMSH_COMPILED_CODE: {
    kind: 'environment',
    remedy: 'Leave --engine out: the interpreter runs the program.',
  },
  ERR_WASMSH_COMPILED_TRAP: {
    kind: 'user',
    remedy: 'Run the program without --engine aot to see the frames of the trap.',
  },
  ERR_WASMSH_COMPILER_MISSING: {
    kind: 'environment',
    remedy:
      'Run "npm run setup -- --compiler", or install LLVM 19 with its headers and run "npm run setup"; the interpreter runs everything without it.',
  },
  ERR_WASMSH_COMPILE_FAILED: {
    kind: 'environment',
    remedy: 'Leave --engine out: the interpreter runs the program.',
  },
  ERR_WASMSH_COMPILE_LIMIT: {
    kind: 'user',
    remedy: 'Run the program in the interpreter, which has no such limit: --engine interp.',
  },
  ERR_WASMSH_COMPILE_PLACES: {
    kind: 'internal',
    remedy: 'Compile the module again with "compile MODULE": a file that goes with it was damaged.',
  },
  ERR_WASMSH_COMPILE_TARGET: {
    kind: 'user',
    remedy: 'Name one of the targets that are listed.',
  },
  ERR_WASMSH_COMPILE_WRITE: {
    kind: 'environment',
    remedy: 'Make room, or choose another home for the store with WASMSH_HOME.',
  },
  ERR_WASMSH_DESCRIPTORS_EXHAUSTED: {
    kind: 'environment',
    remedy: 'End guests that are not needed any more, or raise the limit with "ulimit -n".',
  },
  ERR_WASMSH_DESCRIPTOR_TAKEN: {
    kind: 'user',
    remedy: 'Give another number: those behind the directories are free.',
  },
  ERR_WASMSH_DESCRIPTOR_UNKNOWN: {
    kind: 'user',
    remedy: 'List the descriptors of the guest with "files".',
  },
  ERR_WASMSH_DIRECTORY_MISSING: {
    kind: 'environment',
    remedy: 'Create the directory, or give another one.',
  },
  ERR_WASMSH_EDIT_RANGE: {
    kind: 'user',
    remedy: 'Look at the size first: "memory", "tables", "locals" and "stack" show what is there.',
  },
  ERR_WASMSH_EDIT_TARGET: {
    kind: 'user',
    remedy:
      'Name a target such as "local 3", "stack 0", "global 1", "u32[0x100]", "table 0[2]" or "pc".',
  },
  ERR_WASMSH_EDIT_TYPE: {
    kind: 'user',
    remedy: 'Give a value of the type that the target has.',
  },
  ERR_WASMSH_EDIT_VALUE: {
    kind: 'user',
    remedy: 'Give a value of the type that the target has.',
  },
  ERR_WASMSH_EXPORT_MISSING: {
    kind: 'user',
    remedy: 'Choose an exported function with --invoke NAME.',
  },
  ERR_WASMSH_FRAME_UNKNOWN: {
    kind: 'user',
    remedy: 'List the frames with "frames".',
  },
  ERR_WASMSH_FUNCTION_UNKNOWN: {
    kind: 'user',
    remedy: 'Name a function as in the name section or the exports, or by "#" and its index.',
  },
  ERR_WASMSH_GLOBAL_UNKNOWN: {
    kind: 'user',
    remedy: 'List the globals with "globals".',
  },
  ERR_WASMSH_GROUP_INCOMPLETE: {
    kind: 'user',
    remedy: 'Recover those that are left one by one: "snapshots" lists them.',
  },
  ERR_WASMSH_GUEST_BUSY: {
    kind: 'user',
    remedy: 'Wait until the snapshot or the change in progress is done, then try again.',
  },
  ERR_WASMSH_GUEST_ENDED: {
    kind: 'user',
    remedy: 'Run the program again, or recover a snapshot of it.',
  },
  ERR_WASMSH_GUEST_MEMORY_LOST: {
    kind: 'environment',
    remedy:
      "The file behind the guest's memory was changed or removed: recover the guest from another snapshot.",
  },
  ERR_WASMSH_GUEST_NAME: {
    kind: 'user',
    remedy: 'Use up to 64 letters, digits, "_", ".", "+", "@" and "-", a letter or digit first.',
  },
  ERR_WASMSH_GUEST_NOT_PAUSED: {
    kind: 'user',
    remedy: 'Pause the guest first.',
  },
  ERR_WASMSH_GUEST_THREAD: {
    kind: 'environment',
    remedy: 'The system refused a thread: end other guests or raise the limit (ulimit -u).',
  },
  ERR_WASMSH_GUEST_UNKNOWN: {
    kind: 'user',
    remedy: 'List the guests with "guests".',
  },
  ERR_WASMSH_IMPORT_TYPE: {
    kind: 'user',
    remedy: 'Use the version of the plugin that the program was made for.',
  },
  ERR_WASMSH_IMPORT_UNKNOWN: {
    kind: 'user',
    remedy:
      'Use a build of the program for WASI preview 1, or start it with --allow-missing-imports: calling the import is then a trap.',
  },
  ERR_WASMSH_INSTANTIATE: {
    kind: 'user',
    remedy:
      'The module cannot be instantiated as it is: its memory, table or start function stands against it.',
  },
  ERR_WASMSH_INTERNAL: {
    kind: 'internal',
    remedy: 'This is a bug in wasmsh: please report it with the command that led to it.',
  },
  ERR_WASMSH_INTERRUPTED: {
    kind: 'user',
    remedy: 'Ctrl-C stopped it: nothing was lost.',
  },
  ERR_WASMSH_JAVASCRIPT_THREW: {
    kind: 'user',
    remedy: 'Add --debug to see where it was thrown.',
  },
  ERR_WASMSH_MEMORY_LIMIT: {
    kind: 'user',
    remedy: 'Raise --memory-limit: the module needs more memory than that at its start.',
  },
  ERR_WASMSH_MEMORY_RANGE: {
    kind: 'user',
    remedy: 'Look at the size of the memory with "info" and stay inside.',
  },
  ERR_WASMSH_MODULE_CORRUPT: {
    kind: 'user',
    remedy: 'Give the original module with --module FILE.',
  },
  ERR_WASMSH_MODULE_FILE: {
    kind: 'user',
    remedy: 'Give the path of a .wasm file that exists and can be read.',
  },
  ERR_WASMSH_MODULE_INVALID: {
    kind: 'user',
    remedy:
      'Build the module again: a WebAssembly validator (wasm-validate) says where it is wrong.',
  },
  ERR_WASMSH_MODULE_MISSING: {
    kind: 'user',
    remedy: 'Give the original module with --module FILE.',
  },
  ERR_WASMSH_MODULE_NOT_WASM: {
    kind: 'user',
    remedy: 'Give a binary WebAssembly module; compile text (.wat) with wat2wasm first.',
  },
  ERR_WASMSH_MODULE_RESERVED_NAME: {
    kind: 'user',
    remedy: 'Give the import or export another name: those with "wasmsh:" are kept for wasmsh.',
  },
  ERR_WASMSH_MODULE_TRUNCATED: {
    kind: 'user',
    remedy: 'The file ends too early: fetch or build it again.',
  },
  ERR_WASMSH_NATIVE_LOAD: {
    kind: 'environment',
    remedy: 'Build the native part again with "npm run setup".',
  },
  ERR_WASMSH_NATIVE_MISSING: {
    kind: 'environment',
    remedy:
      'Build the native part: "npm run setup" in a checkout, "npm rebuild wasmsh" where it is installed.',
  },
  ERR_WASMSH_NATIVE_VERSION: {
    kind: 'environment',
    remedy: 'Build the native part again with "npm run setup".',
  },
  ERR_WASMSH_NEEDS_COMPILED_CODE: {
    kind: 'user',
    remedy: 'Run it in compiled code: --engine aot. "info" says which snapshots need that.',
  },
  ERR_WASMSH_NEEDS_INTERPRETER: {
    kind: 'user',
    remedy: 'Pause the guest with "pause" instead: it stops at its next stable point.',
  },
  ERR_WASMSH_OPLOG_OFF: {
    kind: 'user',
    remedy: 'Run the guest without --log-limit 0.',
  },
  ERR_WASMSH_OPLOG_READ: {
    kind: 'environment',
    remedy: 'The disk that holds the log has a fault; the guest itself is not affected.',
  },
  ERR_WASMSH_OPLOG_WRITE: {
    kind: 'environment',
    remedy: 'Free some space on the disk of the store; guests run on, only their log has a gap.',
  },
  ERR_WASMSH_OPTION_INVALID: {
    kind: 'user',
    remedy: 'Give a value in the range that the message names.',
  },
  ERR_WASMSH_OUTPUT_WRITE: {
    kind: 'environment',
    remedy: 'Free some space, or send the output elsewhere.',
  },
  ERR_WASMSH_PC_INVALID: {
    kind: 'user',
    remedy: 'Choose an instruction start of the function: "disassemble" lists them.',
  },
  ERR_WASMSH_PC_UNREACHABLE: {
    kind: 'user',
    remedy: 'Choose an instruction that validation reaches, with the operands that are there now.',
  },
  ERR_WASMSH_PIPE_CAPACITY: {
    kind: 'environment',
    remedy: 'Give a smaller capacity; /proc/sys/fs/pipe-max-size is the most for one pipe.',
  },
  ERR_WASMSH_PIPE_EXISTS: {
    kind: 'user',
    remedy: 'Use that one, or give another name.',
  },
  ERR_WASMSH_PIPE_NAME: {
    kind: 'user',
    remedy:
      'Use letters, digits and "._+@-", at most 64 of them, beginning with a letter or digit.',
  },
  ERR_WASMSH_PIPE_UNKNOWN: {
    kind: 'user',
    remedy: 'Make it with "pipe NAME"; "ipc" lists the pipes.',
  },
  ERR_WASMSH_PLUGIN_API: {
    kind: 'user',
    remedy: 'Install a version of the plugin that was made for this wasmsh.',
  },
  ERR_WASMSH_PLUGIN_CALL_OVER: {
    kind: 'internal',
    remedy:
      'Tell the author of the plugin: it uses the memory of a guest that does not wait any more.',
  },
  ERR_WASMSH_PLUGIN_CONFLICT: {
    kind: 'user',
    remedy: 'Load only one of the two.',
  },
  ERR_WASMSH_PLUGIN_CYCLE: {
    kind: 'user',
    remedy: 'Tell the authors of these plugins; leave one of them out meanwhile.',
  },
  ERR_WASMSH_PLUGIN_DEPENDENCY: {
    kind: 'user',
    remedy: 'Load the plugin that is needed as well.',
  },
  ERR_WASMSH_PLUGIN_FAILED: {
    kind: 'internal',
    remedy: 'The guest is as it was. Tell the author of the plugin; --debug shows where it failed.',
  },
  ERR_WASMSH_PLUGIN_FILE: {
    kind: 'user',
    remedy:
      'Name a package that is installed here ("npm install NAME"), or give the path of its folder: ./NAME.',
  },
  ERR_WASMSH_PLUGIN_FOLDER: {
    kind: 'user',
    remedy: 'Give a folder that is empty or not there yet, in a place where you may write.',
  },
  ERR_WASMSH_PLUGIN_GUEST: {
    kind: 'user',
    remedy: 'Load the plugin first, then start or recover the guest.',
  },
  ERR_WASMSH_PLUGIN_INVALID: {
    kind: 'user',
    remedy: 'Compare the plugin with the contract in docs/plugins.md.',
  },
  ERR_WASMSH_PLUGIN_LOAD: {
    kind: 'user',
    remedy: 'Correct the module of the plugin; --debug shows where it failed.',
  },
  ERR_WASMSH_PLUGIN_MISSING: {
    kind: 'user',
    remedy: 'Load the plugin, or recover without its resources with --without PLUGIN.',
  },
  ERR_WASMSH_PLUGIN_NAME: {
    kind: 'user',
    remedy: 'Use lower case letters and digits, with "-" between words: "key-value".',
  },
  ERR_WASMSH_PLUGIN_PAUSE: {
    kind: 'environment',
    remedy: 'The guest runs on: try again a little later, or kill it.',
  },
  ERR_WASMSH_PLUGIN_RELOAD: {
    kind: 'user',
    remedy:
      'The old code goes on. Take a snapshot, and recover it in a wasmsh that loads the new code.',
  },
  ERR_WASMSH_PLUGIN_STATE: {
    kind: 'environment',
    remedy: 'Recover without it with --without PLUGIN, or take the snapshot again.',
  },
  ERR_WASMSH_PLUGIN_STATE_TOO_NEW: {
    kind: 'user',
    remedy: 'Load a newer version of the plugin.',
  },
  ERR_WASMSH_PLUGIN_TIMEOUT: {
    kind: 'environment',
    remedy: 'The guest is as it was: try again, or leave the plugin out.',
  },
  ERR_WASMSH_PLUGIN_UNKNOWN: {
    kind: 'user',
    remedy: 'List the plugins with "plugins".',
  },
  ERR_WASMSH_POINTS_INVALID: {
    kind: 'user',
    remedy: 'Compile the module again: the table belongs to another version, or was damaged.',
  },
  ERR_WASMSH_POSITION_PASSED: {
    kind: 'user',
    remedy: 'Positions only go forward: recover an earlier snapshot, or run from the start.',
  },
  ERR_WASMSH_POSITION_UNKNOWN: {
    kind: 'user',
    remedy:
      'Start the guest with --pause-at or counting, so that its instructions are counted from the start.',
  },
  ERR_WASMSH_PROCESS_START: {
    kind: 'environment',
    remedy: 'Check that Node can be started and that the limit of processes is not reached.',
  },
  ERR_WASMSH_PROFILE_FILE: {
    kind: 'user',
    remedy: 'Give a file that "run MODULE --profile FILE" has written.',
  },
  ERR_WASMSH_PROFILE_INVALID: {
    kind: 'user',
    remedy: 'Make it again with "run MODULE --profile FILE".',
  },
  ERR_WASMSH_PROFILE_MODULE: {
    kind: 'user',
    remedy:
      'A profile belongs to the very module that was run: make one of this with "run MODULE --profile FILE".',
  },
  ERR_WASMSH_PROFILE_WRITE: {
    kind: 'environment',
    remedy: 'Name a file in a folder that exists, where you may write and there is room.',
  },
  ERR_WASMSH_RECOVER_DESCRIPTOR: {
    kind: 'environment',
    remedy:
      'The descriptor cannot be opened again here: restore what it names, then recover once more.',
  },
  ERR_WASMSH_RECOVER_DISK_FULL: {
    kind: 'environment',
    remedy: 'Make room, or recover into a directory on another disk with --map-dir.',
  },
  ERR_WASMSH_RECOVER_FILES: {
    kind: 'environment',
    remedy: 'Each file has its own fix; nothing was changed. Recover once more after that.',
  },
  ERR_WASMSH_RECOVER_FILE_CHANGED: {
    kind: 'environment',
    remedy: 'Put the file back as it was at the snapshot, then recover once more.',
  },
  ERR_WASMSH_RECOVER_FILE_DENIED: {
    kind: 'environment',
    remedy: 'Give yourself the permission on the file or its directory, then recover once more.',
  },
  ERR_WASMSH_RECOVER_FILE_MISSING: {
    kind: 'environment',
    remedy: 'Put the file back where it was, or map its directory with --map-dir.',
  },
  ERR_WASMSH_RECOVER_FILE_REFUSED: {
    kind: 'environment',
    remedy: 'Put a regular file there that no link leads out of its directory to.',
  },
  ERR_WASMSH_RECOVER_MAPPING: {
    kind: 'user',
    remedy:
      "Say where the guest's directories and files are here: --map-dir GUEST=HOST, --stdin FILE, --stdout FILE.",
  },
  ERR_WASMSH_RECOVER_TOO_MANY_FILES: {
    kind: 'environment',
    remedy:
      'Raise the limit of open files (ulimit -n), or end other guests, then recover once more.',
  },
  ERR_WASMSH_RESOURCE_UNKNOWN: {
    kind: 'user',
    remedy: 'Give pipe:NAME, or load the plugin that opens it.',
  },
  ERR_WASMSH_SCRIPT_READ: {
    kind: 'user',
    remedy: 'Check the name of the file and that you may read it.',
  },
  ERR_WASMSH_SHELL_CLOSED: {
    kind: 'user',
    remedy: 'Open a new shell first.',
  },
  ERR_WASMSH_SHELL_OPEN: {
    kind: 'user',
    remedy: 'Use the shell that is open, or close it first.',
  },
  ERR_WASMSH_SNAPSHOT_BLOCKED: {
    kind: 'user',
    remedy: 'Let the guest close what is named, or go on until it has, then take the snapshot.',
  },
  ERR_WASMSH_SNAPSHOT_CORRUPT: {
    kind: 'user',
    remedy: 'Use another snapshot; "store check" lists what is damaged.',
  },
  ERR_WASMSH_SNAPSHOT_EXISTS: {
    kind: 'user',
    remedy: 'Choose another name, or replace it with --force.',
  },
  ERR_WASMSH_SNAPSHOT_EXTERNREF: {
    kind: 'user',
    remedy: 'Take the snapshot where the guest holds no reference to something of the host.',
  },
  ERR_WASMSH_SNAPSHOT_FORMAT: {
    kind: 'user',
    remedy: 'Use the version of wasmsh that wrote the snapshot, or a newer one.',
  },
  ERR_WASMSH_SNAPSHOT_INCOMPLETE: {
    kind: 'user',
    remedy: 'Use another snapshot; "store check" lists what is missing.',
  },
  ERR_WASMSH_SNAPSHOT_INPUT: {
    kind: 'environment',
    remedy: 'Let the guest read its input first, or close it, then take the snapshot.',
  },
  ERR_WASMSH_SNAPSHOT_INVALID: {
    kind: 'user',
    remedy: 'The snapshot does not fit its module: use another one.',
  },
  ERR_WASMSH_SNAPSHOT_MODULE: {
    kind: 'user',
    remedy: 'Give the very module that the snapshot was taken of, with --module FILE.',
  },
  ERR_WASMSH_SNAPSHOT_NAME: {
    kind: 'user',
    remedy:
      'Use 1 to 100 letters, digits, ".", "_", "+", "@" or "-", beginning with a letter or digit.',
  },
  ERR_WASMSH_SNAPSHOT_TOO_LARGE: {
    kind: 'user',
    remedy: 'The state is larger than wasmsh reads: take the snapshot with a smaller stack.',
  },
  ERR_WASMSH_SNAPSHOT_UNKNOWN: {
    kind: 'user',
    remedy: 'List the snapshots with "snapshots".',
  },
  ERR_WASMSH_STACK_EXHAUSTED: {
    kind: 'user',
    remedy: 'Give the guest a larger stack with --stack.',
  },
  ERR_WASMSH_STORE_FULL: {
    kind: 'environment',
    remedy:
      'Free some space on the disk, or point WASMSH_HOME at another one; nothing was changed.',
  },
  ERR_WASMSH_STORE_LOCKED: {
    kind: 'environment',
    remedy: 'Wait for the other process that uses the store, or end it.',
  },
  ERR_WASMSH_STORE_READ: {
    kind: 'environment',
    remedy: 'Check that the files of the store can be read by you.',
  },
  ERR_WASMSH_STORE_WASTE: {
    kind: 'user',
    remedy: 'Remove it with "store gc".',
  },
  ERR_WASMSH_STORE_WRITE: {
    kind: 'environment',
    remedy: 'Check that the folder of the store can be written by you.',
  },
  ERR_WASMSH_STREAM_FILE: {
    kind: 'environment',
    remedy: 'Give a file that can be opened, or another one.',
  },
  ERR_WASMSH_SYSTEM: {
    kind: 'environment',
    remedy: 'The system refused a call: look at its limits (ulimit -n, free memory) and try again.',
  },
  ERR_WASMSH_UNSUPPORTED_FEATURE: {
    kind: 'user',
    remedy: 'Build the program without that feature: wasmsh does not have it.',
  },
  ERR_WASMSH_VARIABLE_UNKNOWN: {
    kind: 'user',
    remedy:
      'Define it in a line of JavaScript or in the environment; quote "$" with \\ or single quotes to mean the character.',
  },
  ERR_WASMSH_VERIFY_COPY: {
    kind: 'environment',
    remedy:
      'Make sure that the directory can be read and that there is room for copies of it in the temporary folder.',
  },
  ERR_WASMSH_VERIFY_OUTPUT: {
    kind: 'user',
    remedy: 'Verify the program on a smaller input.',
  },
  ERR_WASMSH_VERIFY_POSITION: {
    kind: 'user',
    remedy:
      'The program takes another way in each run: make its input and its directories the same, then verify again.',
  },
  ERR_WASMSH_VERIFY_PROCESS: {
    kind: 'internal',
    remedy: 'Run the command that is named alone, to see how the process ends.',
  },
  ERR_WASMSH_WAIT_TIMEOUT: {
    kind: 'user',
    remedy: 'Give it more time with --timeout, or "pause" it to see what it does.',
  },
} as const satisfies Record<`ERR_WASMSH_${string}`, { kind: ErrorKind; remedy: string }>

export type ErrorCode = keyof typeof errorCodes

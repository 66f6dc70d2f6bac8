/**
 * From here on snapshots hold what the folded log says of descriptors (offset, flags, path), not
 * what the kernel says. Inherited by the processes of a sweep; test runs have a process a file.
 */
export function goByLogAlone(): void {
  process.env['WASMSH_TEST_TRUST_LOG'] = '1'
}

import { defineConfig } from 'tsup'

export default defineConfig({
  // verify-child and compile-child are processes of their own; core/verify/verify-process.ts and
  // core/compile/compile-process.ts start them.
  entry: {
    cli: 'src/cli.ts',
    index: 'src/index.ts',
    testing: 'src/testing.ts',
    'verify-child': 'src/verify-child.ts',
    'compile-child': 'src/core/compile/compile-child.ts',
  },
  format: 'esm',
  target: 'node20',
  platform: 'node',
  dts: { entry: ['src/index.ts', 'src/testing.ts'] },
  sourcemap: true,
  clean: true,
})

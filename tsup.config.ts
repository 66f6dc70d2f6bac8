import { defineConfig } from 'tsup'

export default defineConfig({
  // verify-child is a process of its own; core/verify/verify-process.ts starts it.
  entry: {
    cli: 'src/cli.ts',
    index: 'src/index.ts',
    testing: 'src/testing.ts',
    'verify-child': 'src/core/verify/verify-child.ts',
  },
  format: 'esm',
  target: 'node20',
  platform: 'node',
  dts: { entry: ['src/index.ts', 'src/testing.ts'] },
  sourcemap: true,
  clean: true,
})

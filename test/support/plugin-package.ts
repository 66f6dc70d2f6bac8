import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Parts of the text of a plugin that counts the files a guest opens. */
export interface CounterText {
  readonly name?: string
  readonly apiVersion?: number
  readonly stateVersion?: number
  /** Members of the migrations object. */
  readonly migrations?: string
  /** Further members of the plugin. */
  readonly more?: string
  /** What the command prints before the number. */
  readonly label?: string
  /** Imports of the module. */
  readonly imports?: string
  /** Expression of what the command prints, instead. */
  readonly printed?: string
  /** Body of recover. */
  readonly recover?: string
  readonly creates?: string
}

/** Text of a module that exports a plugin as default, without any import. */
export function counterText(text: CounterText = {}): string {
  const { name = 'counter', apiVersion = 1, stateVersion = 1, label = 'opened' } = text
  return `${text.imports ?? ''}
class Tracker {
  opened = 0
  record(op) { if (op.creates !== null) this.opened++ }
  async snapshot() { return { opened: this.opened } }
  async recover(state) { ${text.recover ?? 'this.opened = state.opened; return []'} }
  async dispose() {}
}
export default {
  name: ${JSON.stringify(name)},
  apiVersion: ${apiVersion},
  dependsOn: [],
  creates: ${text.creates ?? "['sock_accept']"},
  state: {
    version: ${stateVersion},
    migrations: {${text.migrations ?? ''}},
    format: (state) => state,
    parse(state) {
      if (Number.isInteger(state?.opened)) return state
      throw new Error('opened is no number')
    },
  },
  commands: [{
    name: ${JSON.stringify(name)},
    summary: 'counts',
    usage: [${JSON.stringify(name)}],
    help: 'Counts.',
    run: (context) => ({ opened: context.guest().tracker.opened }),
    render: ({ opened }) => ${text.printed ?? `'${label} ' + opened`},
  }],
  resources: (state) => [\`a count of \${state.opened}\`],
  ${text.more ?? ''}
  track: () => new Tracker(),
}
`
}

/** Writes a package of files by their names, package.json included unless it is given. */
export function writePackage(folder: string, files: Readonly<Record<string, string>>): string {
  const described = JSON.stringify({
    name: 'wasmsh-plugin-counter',
    version: '1.2.3',
    type: 'module',
    exports: './index.js',
  })
  for (const [name, text] of Object.entries({ 'package.json': described, ...files })) {
    const file = join(folder, name)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  return folder
}

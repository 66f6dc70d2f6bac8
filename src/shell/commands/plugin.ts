import type { ReloadReport } from '../../core/plugin-host/reload-plugin.js'
import { usageError } from '../arguments.js'
import { defineCommand } from '../command.js'
import { done, type ExitStatus, exitCodes } from '../exit-codes.js'
import { createPackage, type NewPackage, renderCreated } from '../new-plugin.js'
import type { Page } from '../page.js'
import {
  describePlugin,
  findLoaded,
  type PluginDescription,
  whereFrom,
} from '../plugin-description.js'
import { type ResourceState, readResourceState, renderState } from '../plugin-state.js'
import { renderReport, type TestReport, testPackage } from '../plugin-test.js'
import { count, printable } from '../text.js'

type Result =
  | { readonly action: 'load'; readonly plugin: PluginDescription; readonly untracked: string[] }
  | { readonly action: 'info'; readonly plugin: PluginDescription }
  | ({ readonly action: 'reload' } & Omit<ReloadReport, 'plugin'> & {
        readonly plugin: PluginDescription
      })
  | ({ readonly action: 'state' } & ResourceState)
  | ({ readonly action: 'test' } & TestReport)
  | ({ readonly action: 'new' } & NewPackage)

const actions = ['load', 'info', 'state', 'reload', 'new', 'test']

export const plugin = defineCommand<Result>({
  name: 'plugin',
  group: 'The shell',
  summary: 'loads, shows, tests or begins a plugin',
  usage: [
    'plugin load NAME',
    'plugin info CLASS',
    'plugin state CLASS [--guest GUEST]',
    'plugin reload CLASS',
    'plugin new NAME',
    'plugin test DIR',
  ],
  arity: [2, 2],
  complete: [actions, 'plugin'],
  options: {
    guest: {
      type: 'string',
      short: 'g',
      value: 'GUEST',
      summary: 'of "state": the guest, or "snapshot:NAME", instead of the chosen one',
      complete: 'guest-or-snapshot',
    },
  },
  help: `"plugin load NAME" loads a plugin: NAME is an npm package that is installed in the current directory or above, or a path (./NAME, /NAME) of a package's folder or of a module. Guests that are started or recovered from then on are tracked by it. To have it always, write the line into rc.wsh in the store's folder; for one run, start with "wasmsh --plugin NAME".

"plugin info CLASS" says what a plugin is: its version, what it claims, its commands and options, and what going back in time would do.

"plugin state CLASS" shows what a plugin would store of a guest now, or has stored in a snapshot.

"plugin reload CLASS" is for whoever writes a plugin: it loads the code again and hands it the state that the old code has of each guest, by way of what a snapshot would store. Guests that run are paused for it. When the new code cannot take over for one of them, the old one goes on for all, and the reason is told.

"plugin new NAME" writes a package that works, to begin with: folder NAME, with a test that passes. "plugin test DIR" holds the plugin of a package to the laws that every plugin has to keep, with the samples that the package declares. Both are command lines, too: "wasmsh plugin test .". docs/plugins.md teaches how to write one.`,
  examples: ['plugin load wasmsh-plugin-kv', 'plugin load ./kv', 'plugin info files'],
  async run(session, input) {
    const { shell } = session
    const name = input.required(1)
    switch (input.required(0)) {
      case 'load': {
        const loaded = await session.loadPlugin(name)
        const untracked = shell.guests().filter(({ state }) => state !== 'ended')
        return {
          action: 'load',
          plugin: describePlugin(shell, loaded),
          untracked: untracked.map((guest) => guest.name),
        }
      }
      case 'info':
        return { action: 'info', plugin: describePlugin(shell, findLoaded(shell, name)) }
      case 'reload': {
        const report = await session.reloadPlugin(findLoaded(shell, name).name)
        return { action: 'reload', ...report, plugin: describePlugin(shell, report.plugin) }
      }
      case 'state': {
        const found = findLoaded(shell, name)
        return {
          action: 'state',
          ...(await readResourceState(session, found, input.option('guest'))),
        }
      }
      case 'test':
        return { action: 'test', ...(await testPackage(name)) }
      case 'new':
        return { action: 'new', ...(await createPackage(name)) }
      default:
        throw usageError(
          input.command,
          `"plugin" cannot "${input.required(0)}"`,
          `It can ${actions.map((one) => `"${one}"`).join(', ')}.`,
        )
    }
  },
  async render(result, page) {
    const { theme } = page
    switch (result.action) {
      case 'load':
        return renderLoaded(result.plugin, result.untracked, page)
      case 'info':
        return renderInfo(result.plugin, page)
      case 'reload': {
        const { from, to, guests } = result
        const version = from === to ? '' : `, state ${from} -> ${to}`
        return `Reloaded ${theme.command(result.plugin.class)} for ${count(guests.length, 'guest')}${version}`
      }
      case 'state':
        return await renderState(result, page)
      case 'test':
        return renderReport(result, page)
      case 'new':
        return renderCreated(result, page)
    }
  },
  status: (result): ExitStatus | null =>
    result.action === 'test' && result.failed > 0 ? { code: exitCodes.user, by: 'wasmsh' } : done,
})

function renderLoaded(
  plugin: PluginDescription,
  untracked: readonly string[],
  { theme }: Page,
): string {
  const version = plugin.version === null ? '' : ` ${printable(plugin.version)}`
  const added = plugin.commands.map(({ name }) => theme.command(name)).join(', ')
  const head = `Loaded ${theme.command(plugin.class)}${version} from ${printable(whereFrom(plugin))}`
  const lines = [added === '' ? head : `${head}; new commands: ${added}`]
  if (untracked.length > 0) {
    lines.push(theme.quiet(`Not tracked, since started before: ${untracked.join(', ')}`))
  }
  return lines.join('\n')
}

function renderInfo(plugin: PluginDescription, { theme }: Page): string {
  const { backwards, stateVersion, readsFrom } = plugin
  const reads = readsFrom === stateVersion ? '' : `, reads ${readsFrom} and later`
  const rows: [string, string][] = [
    ['class', plugin.class],
    ['package', [plugin.package, plugin.version].filter((one) => one !== null).join(' ')],
    ['from', whereFrom(plugin)],
    ['contract', `version ${plugin.apiVersion}`],
    ['state', `version ${stateVersion}${reads}`],
    ['needs', plugin.dependsOn.join(', ')],
    ['creates by', plugin.creates.join(', ')],
    ['backwards', typeof backwards === 'string' ? backwards : `refused: ${backwards.refuse}`],
    ...plugin.flags.map(({ phase, name, summary }): [string, string] => [
      phase,
      `--${name}: ${summary}`,
    ]),
    ...plugin.commands.map(({ name, summary }): [string, string] => [
      'command',
      `${name}: ${summary}`,
    ]),
    ['topics', plugin.topics.join(', ')],
    ['set', plugin.targets.join(', ')],
    ['guests', plugin.guests.join(', ')],
  ]
  return rows
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${theme.quiet(name.padEnd(11))} ${printable(value)}`)
    .join('\n')
}

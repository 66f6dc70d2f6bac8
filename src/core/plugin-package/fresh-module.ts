import { register } from 'node:module'

const parameter = 'wasmsh-reload'

/**
 * Gives the modules that a module imports as its own ("./state.js", "#state") the mark that its own
 * address has. Packages that it depends on stay shared.
 */
const hooks = `
export async function resolve(specifier, context, next) {
  const found = await next(specifier, context)
  if (context.parentURL === undefined || !/^(?:\\.{1,2}\\/|#)/.test(specifier)) return found
  const mark = /[?&]${parameter}=(\\d+)/.exec(context.parentURL)
  if (mark === null || !found.url.startsWith('file:')) return found
  const url = new URL(found.url)
  url.searchParams.set('${parameter}', mark[1])
  return { ...found, url: url.href }
}`

let loads = 0

/**
 * An address of a module under which Node has not loaded it yet: the module and its own modules run
 * anew. What was loaded before stays in memory, so this is for developing plugins.
 */
export function freshUrl(url: URL): URL {
  if (loads === 0) register(`data:text/javascript,${encodeURIComponent(hooks)}`)
  loads++
  const fresh = new URL(url)
  fresh.searchParams.set(parameter, String(loads))
  return fresh
}

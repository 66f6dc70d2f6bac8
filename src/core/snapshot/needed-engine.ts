import type { Module } from '../module.js'
import type { Manifest } from './manifest.js'

/** What a snapshot of a module's guest says of engines. */
export function neededEngine({ description }: Module): Manifest['needs']['engine'] {
  return description.usesSimd ? 'aot' : 'any'
}

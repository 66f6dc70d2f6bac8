import * as v from 'valibot'
import { WasmshError } from '../errors.js'
import { digestOfBlob, isBlobFile } from './blobs.js'
import { type Manifest, maxStackBytes, minStackBytes, namePattern } from './manifest.js'
import { canonicalJson } from './sealed-json.js'

const maxMemoryBytes = 2 ** 32
const printable = v.pipe(v.string(), v.maxLength(4096), v.regex(/^\P{Cc}*$/u))
const size = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const index = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(2 ** 32 - 1))
const digest = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))
const decimal = v.pipe(v.string(), v.regex(/^\d{1,20}$/))

/** A UUID as the store makes them. */
export const identifier = v.pipe(
  v.string(),
  v.regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/),
)

/** A file inside the snapshot's own directory. */
const fileName = v.pipe(
  v.string(),
  v.regex(/^[a-z0-9][a-z0-9._-]{0,99}$/),
  v.excludes('..'),
  v.notValue('manifest.json'),
  v.notValue('bindings.json'),
)

const memory = v.strictObject({
  bytes: v.pipe(size, v.maxValue(maxMemoryBytes), v.multipleOf(65536)),
  index: fileName,
  images: v.pipe(
    v.array(v.strictObject({ snapshot: identifier, file: fileName })),
    v.minLength(1),
    v.maxLength(64),
  ),
})

const binding = v.strictObject({
  kind: v.picklist(['preopen', 'stdin', 'stdout', 'stderr']),
  fd: index,
  guestPath: v.optional(v.pipe(v.string(), v.maxLength(4096))),
  stream: v.optional(v.picklist(['pipe', 'terminal', 'file', 'null'])),
  ended: v.optional(v.boolean()),
})

const edit = v.strictObject({
  target: printable,
  type: v.pipe(v.string(), v.maxLength(16)),
  old: v.string(),
  new: v.string(),
  frame: v.optional(index),
  function: v.optional(index),
})

const manifestSchema = v.strictObject({
  format: v.pipe(v.string(), v.regex(/^\d{1,4}\.\d{1,4}$/)),
  wasmsh: printable,
  id: identifier,
  name: v.pipe(v.string(), v.regex(namePattern)),
  created: v.pipe(v.string(), v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)),
  guest: v.strictObject({ name: printable, file: printable }),
  engine: v.picklist(['interp', 'aot']),
  wamr: printable,
  module: v.strictObject({ sha256: digest, bytes: size }),
  status: v.picklist(['running', 'host-call', 'atomic-wait', 'trapped']),
  position: v.nullable(decimal),
  state: fileName,
  memories: v.pipe(v.array(memory), v.maxLength(100)),
  limits: v.optional(
    v.strictObject({
      stackBytes: v.pipe(size, v.minValue(minStackBytes), v.maxValue(maxStackBytes)),
      memoryBytes: v.pipe(size, v.maxValue(maxMemoryBytes), v.multipleOf(65536)),
    }),
  ),
  parent: v.nullable(identifier),
  group: v.optional(
    v.strictObject({
      id: identifier,
      name: v.pipe(v.string(), v.regex(namePattern)),
      members: v.pipe(
        v.array(v.strictObject({ snapshot: identifier, guest: printable })),
        v.minLength(1),
        v.maxLength(1000),
      ),
    }),
  ),
  needs: v.strictObject({ engine: v.picklist(['any', 'interp', 'aot']) }),
  plugins: v.array(v.strictObject({ name: printable, stateVersion: index, file: fileName })),
  bindings: v.pipe(v.array(binding), v.maxLength(4096)),
  edits: v.array(edit),
  remarks: v.optional(
    v.pipe(v.array(v.strictObject({ resource: printable, reason: printable })), v.maxLength(4096)),
  ),
  files: v.record(fileName, v.strictObject({ bytes: size, sha256: v.optional(digest) })),
})

/**
 * Checks the members of a manifest and that every file it refers to is listed.
 * @throws WasmshError SNAPSHOT_CORRUPT with the place.
 */
export function checkManifest(document: unknown, resource: string): Manifest {
  const result = v.safeParse(manifestSchema, document, { abortEarly: true })
  if (!result.success) {
    const issue = result.issues[0]
    throw corrupt(resource, `${v.getDotPath(issue) ?? 'it'} is not as the format says`)
  }
  // Records of the schema leave out "__proto__", "constructor" and "prototype" without a word.
  if (canonicalJson(result.output) !== canonicalJson(document)) {
    throw corrupt(resource, 'it has members that the format does not know')
  }
  const manifest = result.output as Manifest
  const listed = manifest.files
  const plain = [manifest.state, ...manifest.memories.map((each) => each.index)]
  for (const file of [...plain, ...manifest.plugins.map((each) => each.file)]) {
    if (listed[file]?.sha256 === undefined) throw corrupt(resource, `${file} has no digest`)
  }
  requireNames(manifest, resource)
  requireImages(manifest, resource)
  return manifest
}

/** Fixed names, so that no two files of a snapshot or of its children can be the same. */
function requireNames(manifest: Manifest, resource: string): void {
  if (manifest.state !== 'state.bin') throw corrupt(resource, 'the state is not in state.bin')
  for (const [number, { index, images }] of manifest.memories.entries()) {
    if (index !== `memory-${number}.idx`) throw corrupt(resource, `${index} has another name`)
    for (const { file } of images) {
      if (!/^memory-\d+(\.base)?\.img$/.test(file)) throw corrupt(resource, `${file} is no image`)
    }
  }
  for (const { file } of manifest.plugins) {
    if (!file.endsWith('.json')) throw corrupt(resource, `${file} is no state of a plugin`)
  }
}

/** Own images are listed without a digest, and nothing else is. */
function requireImages(manifest: Manifest, resource: string): void {
  const own = new Set<string>()
  for (const { images } of manifest.memories) {
    if (images[0]?.snapshot !== manifest.id) {
      throw corrupt(resource, 'the first image of a memory belongs to another snapshot')
    }
    for (const image of images) if (image.snapshot === manifest.id) own.add(image.file)
  }
  for (const file of own) {
    if (manifest.files[file] === undefined) throw corrupt(resource, `${file} is not listed`)
  }
  for (const [file, { sha256 }] of Object.entries(manifest.files)) {
    if (isBlobFile(file) && sha256 !== digestOfBlob(file)) {
      throw corrupt(resource, `${file} is not named by its digest`)
    }
    if ((sha256 === undefined) !== own.has(file)) {
      throw corrupt(resource, `${file} is an image with a digest, or no image and without one`)
    }
  }
}

function corrupt(resource: string, reason: string): WasmshError {
  return new WasmshError('ERR_WASMSH_SNAPSHOT_CORRUPT', `${resource} is wrong: ${reason}`)
}

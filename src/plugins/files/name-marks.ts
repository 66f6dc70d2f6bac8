import type { Place } from './place.js'

/** What is known of one name. */
interface Name {
  /** The guest made it, or opened it for writing. */
  isWritten: boolean
  /** It was renamed to this, with all that is below. */
  isMoved: boolean
  /** It was not there before the guest made it. */
  isNew: boolean
  readonly below: Map<string, Name>
}

/**
 * What a guest did to names that are there, as a tree: to move or remove a directory takes as long as
 * its path is, whatever is known of what is in it.
 */
export class NameMarks {
  readonly #directories = new Map<string, Name>()

  /** Notes that the guest made a name or opened it for writing. `isNew` when it cannot have been
   *  there before. */
  touch(place: Place, isNew: boolean): void {
    const name = this.#make(place)
    const isFirst = !name.isWritten && !name.isMoved
    name.isWritten = true
    if (isFirst && isNew) name.isNew = true
  }

  /** Notes that something was renamed to this. */
  markMoved(place: Place): void {
    this.#make(place).isMoved = true
  }

  /** Forgets a name with all that is below. Whether it may have been there before the guest. */
  remove(place: Place): boolean {
    return this.#cut(place).wasThere
  }

  /** Has all that is known of a name, and of what is below, be known of another. Whether the old one
   *  may have been there before the guest. */
  move(from: Place, to: Place): boolean {
    const { name = newName(), wasThere } = this.#cut(from)
    this.#cut(to)
    name.isMoved = true
    const parts = to.path.split('/')
    const last = parts.pop() ?? ''
    this.#make({ ...to, path: parts.join('/') }).below.set(last, name)
    return wasThere
  }

  /** Whether the guest made or wrote what is there, or moved it. */
  isChanged(place: Place): boolean {
    const names = this.#way(place)
    return names.some((name) => name?.isMoved) || names.at(-1)?.isWritten === true
  }

  /** All names that are written, and all that were renamed; sorted. */
  list(): { readonly written: readonly Place[]; readonly moved: readonly Place[] } {
    const written: Place[] = []
    const moved: Place[] = []
    const visit = (directory: string, path: string, name: Name): void => {
      if (name.isWritten) written.push({ directory, path })
      if (name.isMoved) moved.push({ directory, path })
      for (const [part, one] of name.below) {
        visit(directory, path === '' ? part : `${path}/${part}`, one)
      }
    }
    for (const [directory, name] of this.#directories) visit(directory, '', name)
    return { written: written.sort(byPlace), moved: moved.sort(byPlace) }
  }

  /** The names on the way to a place, that of the directory first; undefined where nothing is known. */
  #way({ directory, path }: Place): readonly (Name | undefined)[] {
    let name = this.#directories.get(directory)
    const way = [name]
    for (const part of partsOf(path)) {
      name = name?.below.get(part)
      way.push(name)
    }
    return way
  }

  #make({ directory, path }: Place): Name {
    let name = childOf(this.#directories, directory)
    for (const part of partsOf(path)) name = childOf(name.below, part)
    return name
  }

  #cut(place: Place): { readonly name: Name | undefined; readonly wasThere: boolean } {
    const way = this.#way(place)
    // Below what was moved nobody knows what was there under that name.
    const isNew = way.some((name) => name?.isNew) && !way.some((name) => name?.isMoved)
    const parts = partsOf(place.path)
    for (let depth = parts.length; depth > 0; depth--) {
      const parent = way[depth - 1]
      const child = way[depth]
      const isLeft = depth < parts.length && child !== undefined && !isEmpty(child)
      if (isLeft) break
      parent?.below.delete(parts[depth - 1] ?? '')
    }
    return { name: way.at(-1), wasThere: !isNew }
  }
}

function newName(): Name {
  return { isWritten: false, isMoved: false, isNew: false, below: new Map() }
}

function childOf(names: Map<string, Name>, part: string): Name {
  const found = names.get(part)
  if (found !== undefined) return found
  const made = newName()
  names.set(part, made)
  return made
}

function isEmpty({ isWritten, isMoved, below }: Name): boolean {
  return !isWritten && !isMoved && below.size === 0
}

function partsOf(path: string): readonly string[] {
  return path === '' ? [] : path.split('/')
}

function byPlace(a: Place, b: Place): number {
  if (a.directory !== b.directory) return a.directory < b.directory ? -1 : 1
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0
}

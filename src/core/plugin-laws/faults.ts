/** Thrown by the service that was told to fail. */
export class InjectedFault extends Error {
  constructor(readonly service: string) {
    super(`injected fault in ${service}`)
  }
}

/** Counts the calls of a host's services, and has one of them fail. */
export class Faults {
  #calls = 0
  #failAt = 0
  #hasFailed = false

  /** Has the n-th call from now on fail, counted from 1; 0 for none. */
  failAt(call: number): void {
    this.#calls = 0
    this.#failAt = call
    this.#hasFailed = false
  }

  /** Whether the call that was to fail has come. */
  get hasFailed(): boolean {
    return this.#hasFailed
  }

  /** Called by each service before it does anything.
   *  @throws InjectedFault */
  step(service: string): void {
    this.#calls++
    if (this.#calls !== this.#failAt) return
    this.#hasFailed = true
    throw new InjectedFault(service)
  }
}

/** An object whose functions count as services. */
export function counted<Services extends object>(
  services: Services,
  faults: Faults,
  name: string,
): Services {
  return new Proxy(services, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key, target)
      if (typeof member !== 'function' || key === 'constructor') return member
      return (...given: unknown[]): unknown => {
        faults.step(`${name}.${String(key)}`)
        return Reflect.apply(member, target, given)
      }
    },
  })
}

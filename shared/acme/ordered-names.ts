/** One order a name at a time: two resources that want the same name would answer for each other, and spend the CA's limits twice. In memory. */
import { canonicalName } from '#shared/pki/names.ts'

export class OrderedNames {
  readonly #owners = new Map<string, string>()

  /** Takes all names for `owner`, who may have some of them already, or none: then the owner who is in the way. */
  claim(owner: string, wanted: readonly string[]): string | undefined {
    const names = wanted.map(canonicalName)
    const other = names
      .map((name) => this.#owners.get(name))
      .find((each) => each !== undefined && each !== owner)
    if (other !== undefined) return other
    this.release(owner)
    for (const name of names) this.#owners.set(name, owner)
    return undefined
  }

  /** At the end of the order, however it ended, and when the owner is no more. */
  release(owner: string): void {
    for (const [name, has] of this.#owners) if (has === owner) this.#owners.delete(name)
  }
}

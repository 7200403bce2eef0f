/** Randomness of the operating system, in one place, so that nothing draws from a weaker source by accident. */
import { randomInt, randomBytes as systemRandomBytes } from 'node:crypto'

/** Unpredictable bytes. */
export function randomBytes(length: number): Buffer {
  return systemRandomBytes(length)
}

/** A random id of 16 bytes as RavenDB writes them: 22 characters of base64 without padding. */
export function randomId(): string {
  return systemRandomBytes(16).toString('base64').slice(0, 22)
}

/** A number in [0, 1), to spread what would else come at once. */
export function randomFraction(): number {
  return randomInt(2 ** 32) / 2 ** 32
}

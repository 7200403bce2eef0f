/** Thumbprints as callers write them. */
import { errors } from '#server/errors.ts'

/** A thumbprint as people copy it, with colons or spaces, in any case: 40 upper-case hex digits. Throws `ThumbprintInvalid`. */
export function thumbprintIn(value: string): string {
  const digits = value.replace(/[\s:]/g, '').toUpperCase()
  if (/^[0-9A-F]{40}$/.test(digits)) return digits
  throw errors.ThumbprintInvalid(value.slice(0, 60))
}

/**
 * Document ids: what may be one, and how they are compared.
 *
 * Ids and collection names are compared without regard to case and keep the case they were written in. The key of an id is the id in
 * folded case (`foldCase`), as UTF-8: keys sort as RavenDB sorts ids.
 */

import { documentIdBytesMax } from '#server/limits.ts'
import { type ByteString, utf8 } from '#server/storage/bytes.ts'
import { foldCase } from '#shared/fold-case.ts'
import { databaseErrors } from './errors.ts'

/** Where the document with this id lies. */
export function idKey(id: string): ByteString {
  if (isLowerAscii(id)) return id
  return id.isWellFormed() ? nameKey(id) : nameKey(id) + noUtf8
}

/** The key of a collection or identity: whoever compares names of the caller compares these. */
export function nameKey(name: string): ByteString {
  return utf8(foldCase(name))
}

/** No id holds half a character, so nothing may be found under one: as UTF-8, halves are all the same replacement character. */
const noUtf8 = '\xff'

/** Throws DocumentIdTooLong for an id that can neither be stored nor asked for. */
export function checkIdLength(id: string): void {
  if (id.length * 3 <= documentIdBytesMax) return
  const bytes = Buffer.byteLength(id)
  if (bytes > documentIdBytesMax) throw databaseErrors.DocumentIdTooLong(bytes, documentIdBytesMax)
}

/** Throws where a document cannot be stored under this id: too long, control characters, half a character. */
export function checkId(id: string): void {
  checkIdLength(id)
  if (hasControlCharacters(id)) throw databaseErrors.DocumentIdHasControlCharacters()
  if (!id.isWellFormed()) throw databaseErrors.DocumentIdNotUnicode()
}

/** `users/` with the etag of the document, in 19 digits, and the tag of the node. */
export function numberedId(prefix: string, etag: number): string {
  return `${prefix}${String(etag).padStart(19, '0')}-A`
}

/** True where nothing but white space stands in it: RavenDB then makes a GUID in a batch and refuses it in a single put. */
export function isBlank(id: string): boolean {
  return id.trim() === ''
}

function isLowerAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit > 0x7f || (unit >= 0x41 && unit <= 0x5a)) return false
  }
  return true
}

/** Tab, line feed and carriage return are allowed, as in RavenDB. */
function hasControlCharacters(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit < 0x20 && unit !== 0x09 && unit !== 0x0a && unit !== 0x0d) return true
  }
  return false
}

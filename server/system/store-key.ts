/** The small file beside the server store that holds its wrapped key and says how far its making got. */
import { readFile } from 'node:fs/promises'
import { type Static, Type } from 'typebox'
import { wrappedKey } from '#server/keys/ring.ts'
import { jsonShape } from '#shared/contract/json.ts'
import { isFileError, replaceFile } from '#shared/files.ts'
import { systemErrors } from './errors.ts'

const storeKeyFile = Type.Object({
  format: Type.Literal(1),
  /** Random id of the store; it is published, so it may stand here in clear. */
  storeId: Type.String({ minLength: 22, maxLength: 22 }),
  /** `creating` until the store holds its own id: only then may its data be missing. */
  state: Type.Union([Type.Literal('creating'), Type.Literal('ready')]),
  /** One for each epoch, oldest first. */
  keys: Type.Array(wrappedKey, { minItems: 1 }),
})
export type StoreKeyFile = Static<typeof storeKeyFile>

const shape = jsonShape(storeKeyFile)

/** Undefined where there is none. @throws ServerStoreKeyDamaged */
export async function readStoreKey(path: string): Promise<StoreKeyFile | undefined> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (isFileError(error, 'ENOENT')) return undefined
    throw error
  })
  if (text === undefined) return undefined
  const content = shape.read(text)
  if (content === undefined) throw systemErrors.ServerStoreKeyDamaged(path)
  return content
}

export async function writeStoreKey(path: string, content: StoreKeyFile): Promise<void> {
  await replaceFile(path, Buffer.from(`${JSON.stringify(content, null, 2)}\n`))
}

/** Random ids of databases: 16 bytes, written as 22 characters of base64 without padding (RavenDB's form). */
import { databaseIdBytes } from './sizes.ts'
import { randomBytes } from './sodium.ts'

/** An id that no other database has. */
export function newDatabaseId(): Buffer {
  return randomBytes(databaseIdBytes)
}

/** 22 characters. */
export function databaseIdText(id: Buffer): string {
  return id.toString('base64').slice(0, 22)
}

/** The id behind 22 characters; nothing where they are none. */
export function parseDatabaseId(text: string): Buffer | undefined {
  const id = Buffer.from(text, 'base64')
  return id.length === databaseIdBytes && databaseIdText(id) === text ? id : undefined
}

/** How routes come to a database; the catalog is one. */
import type { Database } from './database.ts'

export interface Databases {
  /**
   * The open database with this name, whatever its case; opens it where it is not.
   * Throws the coded errors of databases: it does not exist, is disabled, is quarantined, cannot be opened.
   */
  open(name: string): Promise<Database>
}

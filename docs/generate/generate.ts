/** `npm run generate`: writes the pages of docs/reference from the code. test/generated.test.ts fails where they are not fresh. */
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { generatedPages } from './pages.ts'

const root = path.resolve(import.meta.dirname, '../..')

for (const [page, text] of generatedPages()) {
  mkdirSync(path.dirname(path.join(root, page)), { recursive: true })
  writeFileSync(path.join(root, page), text)
  process.stdout.write(`${page}\n`)
}

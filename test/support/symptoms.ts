/** What docs/guides/troubleshooting.md shows of each failure, for tests that make it happen. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { missingLine } from '#test/cluster/guide.ts'
import { root } from './source-tree/source-tree.ts'

export interface Symptoms {
  /** Headings of the page. */
  readonly all: readonly string[]
  /** Those that were compared so far. */
  readonly compared: () => readonly string[]
  /** Fails where the output lacks a line that the page shows below the heading. */
  shows(heading: string, output: string): void
}

/** For the zone of the lab: `example.com` is `lab.test`. */
export function symptomsOfPage(): Symptoms {
  const page = path.join(root, 'docs/guides/troubleshooting.md')
  const text = readFileSync(page, 'utf8').replaceAll('example.com', 'lab.test')
  const sections = text.split(/^## /m).slice(1)
  const shown = (section: string) => /^```text\n([\s\S]*?)^```$/m.exec(section)?.[1] ?? ''
  const symptoms = new Map(
    sections.map((section) => [section.split('\n', 1)[0] ?? '', shown(section).trim().split('\n')]),
  )
  const compared = new Set<string>()
  return {
    all: [...symptoms.keys()],
    compared: () => [...compared],
    shows: (heading, output) => {
      const lines = symptoms.get(heading)
      assert.ok(lines !== undefined, `the page has no section "${heading}"`)
      assert.equal(missingLine(output, lines), undefined, output)
      compared.add(heading)
    },
  }
}

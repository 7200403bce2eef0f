/** What is made once for all tests and benchmarks lies in a cache outside the checkout: whole, or not at all. */
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { goEnvironment } from '#test/cluster/built/go.ts'
import { succeeds } from '#test/cluster/run.ts'

/** Fills the folder by `make`, which gets a draft of it, unless it is there. Two at once do it twice, and the first one stays. */
export async function madeOnce(
  folder: string,
  make: (draft: string) => Promise<void>,
): Promise<void> {
  if (existsSync(folder)) return
  const draft = `${folder}.${process.pid}`
  try {
    mkdirSync(draft, { recursive: true })
    await make(draft)
    mkdirSync(dirname(folder), { recursive: true })
    if (!existsSync(folder)) renameSync(draft, folder)
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}

export function isGoThere(): Promise<boolean> {
  return succeeds('go', ['version'], { env: goEnvironment() })
}

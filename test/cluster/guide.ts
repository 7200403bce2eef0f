/** A guide as something to run: its fenced blocks in their order, in one shell, each with what it is said to show. */
import { spawn } from 'node:child_process'

export interface Block {
  /** The heading above it, and its line in the page. */
  readonly name: string
  readonly commands: string
  /** Lines that must be in the output in this order; `…` stands for anything, a space for any white space. */
  readonly shows: readonly string[]
}

const fence = /^```(\w*)\n([\s\S]*?)^```$/gm

/** Blocks marked `sh`; one marked `text` is what the block before it shows. Others are not run. */
export function blocksOf(page: string): readonly Block[] {
  const blocks: Block[] = []
  for (const { 1: language, 2: text = '', index } of page.matchAll(fence)) {
    const before = page.slice(0, index)
    const heading =
      before
        .match(/^#+ .+$/gm)
        ?.at(-1)
        ?.replace(/^#+ /, '') ?? ''
    const line = before.split('\n').length
    if (language === 'sh')
      blocks.push({ name: `${heading} (line ${line})`, commands: text, shows: [] })
    const last = blocks.pop()
    if (last !== undefined)
      blocks.push(language === 'text' ? { ...last, shows: text.trim().split('\n') } : last)
  }
  return blocks
}

/** The first line that the output does not show, or shows only above an earlier one. */
export function missingLine(output: string, shows: readonly string[]): string | undefined {
  let rest = output
  for (const line of shows) {
    const found = patternOf(line).exec(rest)
    if (found === null) return line
    rest = rest.slice(found.index + found[0].length)
  }
  return undefined
}

function patternOf(line: string): RegExp {
  const escaped = line.trim().replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(escaped.replaceAll('…', '.*').replace(/ +/g, '\\s+'))
}

export interface Shell extends AsyncDisposable {
  /** Runs commands where the ones before ended; answers what they printed. Throws where one of them fails. */
  run(commands: string): Promise<string>
}

/** A bash that keeps variables, functions and background jobs from one block to the next, and ends at the first failure. */
export function openShell(folder: string, env: NodeJS.ProcessEnv): Shell {
  const bash = spawn('bash', ['-e', '-o', 'pipefail'], {
    cwd: folder,
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  })
  const end = new Promise<void>((resolve) => bash.once('exit', () => resolve()))
  let output = ''
  for (const stream of [bash.stdout, bash.stderr]) stream.on('data', (part) => (output += part))
  bash.stdin.on('error', () => undefined)
  let count = 0
  return {
    run: async (commands) => {
      count += 1
      const mark = `-- block ${count} is done --`
      output = ''
      // A group is read to its end before it is run: commands that read standard input cannot eat what follows.
      bash.stdin.write(`{\n${commands}\n} < /dev/null\necho '${mark}'\n`)
      while (!output.includes(mark)) {
        const isOver = await Promise.race([end.then(() => true), shortWhile()])
        if (isOver) throw new Error(`The commands failed:\n${output}`)
      }
      return output.replace(mark, '')
    },
    [Symbol.asyncDispose]: async () => {
      bash.stdin.end()
      endGroup(bash.pid)
      await end
    },
  }
}

/** Background jobs of a shell that has ended are in its group still. */
function endGroup(leader: number | undefined): void {
  try {
    if (leader !== undefined) process.kill(-leader, 'SIGTERM')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

function shortWhile(): Promise<false> {
  return new Promise((resolve) => setTimeout(() => resolve(false), 50))
}

/** `npm start [-- --Key=Value …]`: installs what is missing, then is the server as far as signals, input and exit code go. */
import { spawn } from 'node:child_process'
import path from 'node:path'
import { cacheFolder } from './cache.mjs'
import { install, root } from './install.mjs'
import { findNode } from './node.mjs'

const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])

try {
  await install({ development: false })
  run(findNode(), process.argv.slice(2))
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
}

/** @param {string} node @param {readonly string[]} args */
function run(node, args) {
  const server = spawn(node, [path.join(root, 'server', 'main.ts'), ...args], {
    stdio: 'inherit',
    env: { NODE_COMPILE_CACHE: cacheFolder('compile'), ...process.env },
  })
  for (const signal of signals) process.on(signal, () => passOn(signal, server))
  server.on('error', (error) => {
    process.stderr.write(`Cannot start ${node}: ${error.message}\n`)
    process.exitCode = 1
  })
  server.on('exit', (code, signal) => end(code, signal))
}

/**
 * A terminal sends Ctrl-C to every process in it, so the server has it already; from anywhere else only we got it.
 * @param {NodeJS.Signals} signal @param {import('node:child_process').ChildProcess} server
 */
function passOn(signal, server) {
  if (signal === 'SIGINT' && process.stdin.isTTY) return
  server.kill(signal)
}

/** @param {number | null} code @param {NodeJS.Signals | null} signal */
function end(code, signal) {
  if (signal === null) process.exit(code ?? 1)
  for (const each of signals) process.removeAllListeners(each)
  process.kill(process.pid, signal)
}

/** The end of a built cluster: no process, mount, namespace, cable, control group or file of it stays. */
import { existsSync, rmSync } from 'node:fs'
import { removeGroups } from './cgroups.ts'
import { abandoned, release } from './claim.ts'
import { type Layout, layoutOf, nodeNamespace } from './layout.ts'
import { switchOff } from './machine.ts'
import { removeCables } from './network.ts'

export async function tearDown(layout: Layout): Promise<void> {
  const { run: folder, name } = layout
  for (const machine of [...[1, 2, 3].map((node) => nodeNamespace(layout, node)), name]) {
    if (existsSync(folder)) await switchOff(folder, machine)
  }
  await removeGroups(name)
  await removeCables(layout)
  rmSync(folder, { recursive: true, force: true })
}

/** Takes down every cluster whose process is gone. Call it `alone`. */
export async function tearDownAbandoned(root: string): Promise<void> {
  for (const id of abandoned(root)) {
    await tearDown(layoutOf({ id, nodes: 3, bin: '', root }))
    release(root, id)
  }
}

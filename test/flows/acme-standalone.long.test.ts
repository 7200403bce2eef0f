/** Certificates that live five minutes, as in the demo: three renewals of each challenge under load. */
import { test } from 'node:test'
import { renewsUnderLoad, standaloneChallenges } from '#test/support/acme-lab/standalone-scene.ts'

const bounds = { concurrency: true, timeout: 1_200_000 }

test(
  'server renews certificates of five minutes three times under 50 connections, none of which notices',
  bounds,
  async (t) => {
    const each = standaloneChallenges.map((challenge) =>
      t.test(`by ${challenge}`, bounds, (one) =>
        renewsUnderLoad(one, { challenge, lifeSeconds: 300, renewals: 3 }),
      ),
    )
    await Promise.all(each)
  },
)

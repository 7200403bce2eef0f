/**
 * The shape of the code, as data and as tests: who may import whom, budgets, mirrored tests, words that have a better one.
 * A message names the file, the rule and the fix. Change a table here in the commit that needs it, and say why there.
 */
import assert from 'node:assert/strict'
import { type TestOptions, test } from 'node:test'
import * as rules from '#test/support/source-tree/rules.ts'
import { filePaths, sourceFiles } from '#test/support/source-tree/source-tree.ts'

/** The server from the top down, as docs/architecture.md walks it: a file imports from its own part and from those below. */
const serverLayers = [
  ...['main', 'app', 'start', 'metrics'],
  ...['http', 'query', 'database', 'index', 'system', 'keys', 'acme', 'tls', 'access', 'audit'],
  ...['storage', 'seal'],
  ...['log', 'config', 'errors', 'limits'],
]

/** Inside the storage engine, likewise. */
const storageLayers = ['storage', 'btree', 'cache', 'log', 'page-store', 'engine.types', 'bytes']

/** The operator from the top down: each kind of resource is a part of its own, and none knows another (below). */
const operatorLayers = [
  ...['main', 'app', 'run'],
  ...['strongrooms', 'databases', 'certificates', 'permissions'],
  // Those above ask an issuer to sign, or prove names with its solvers.
  'issuers',
  'challenges',
  ...['readings', 'access', 'cert-manager', 'admin', 'api'],
  ...['config', 'kube'],
  ...[
    'policy',
    'probes',
    'metrics',
    'metric-table',
    'process-metrics',
    'prom-client.d',
    'plain-server',
    'runtime',
    'limits',
  ],
]

/** Parts of the operator that no other part of them imports: what two need lies below both. */
const operatorKinds = ['strongrooms', 'databases', 'certificates', 'permissions']

/** Whose folder may import from which others; inside one folder the layers decide. */
const topFolders = {
  server: ['shared'],
  operator: ['shared'],
  shared: [],
  cli: ['server', 'operator', 'shared'],
  studio: ['shared'],
  scripts: [],
  docs: ['server', 'operator', 'cli', 'shared'],
  bench: ['server', 'operator', 'shared', 'test', 'scripts'],
  test: ['server', 'operator', 'cli', 'shared', 'scripts', 'bench', 'docs'],
  examples: [],
  demo: ['test', 'scripts'],
}

/** Packages, and the only places that may import them (tests and benchmarks aside). A new one needs a row, and a line in docs/decisions/. */
const importers = {
  'sodium-native': ['server/seal/sodium.ts'],
  lmdb: ['server/storage/page-store/lmdb.ts'],
  fastify: ['server/http/', 'server/access/hook.ts'],
  pino: ['server/log.ts', 'operator/main.ts'],
  'prom-client': ['server/metrics.ts', 'operator/metrics.ts', 'operator/process-metrics.ts'],
  fflate: ['shared/pki/', 'server/http/'],
  'js-yaml': ['operator/api/generate.ts', 'operator/kube/kubeconfig.ts'],
  typebox: ['server/', 'shared/schema/type.ts'],
}

/** Files that need no test at their own path, with the reason. Types, constants and tables (below) need none anyway. */
const withoutMirror = {
  'server/main.ts': 'a process: test/flows starts it',
  'operator/main.ts': 'a process: test/cluster runs it in its image',
}

/** Tables, which may be longer and export more, as all errors.ts and limits.ts. test/errors.test.ts looks at every row of every errors.ts. */
const tables = [
  ...['server/config', 'server/access/actions.ts', 'shared/contract/'],
  ...['operator/kube/kinds.ts', 'operator/api/common.ts', 'operator/api/texts.ts'],
  'server/http/unbuilt-routes.ts',
]

/** What is shipped. */
const product = ['server/', 'operator/', 'cli/', 'shared/']

/** Words that have a better one, where they are banned, and where they are at home. Looked for in code, without comments and quotes. */
const bannedWords: readonly rules.BannedWord[] = [
  {
    word: /\bprocess\.env\b/,
    use: 'a setting: read it in server/config.ts or operator/config.ts and pass it on',
    in: product,
    except: ['server/config', 'operator/config.ts', 'cli/environment.ts'],
  },
  {
    word: /\bDate\.now\(|\bnew Date\(\)/,
    use: 'the clock of shared/clock.ts, passed in',
    in: product,
    except: ['shared/clock.ts'],
  },
  {
    word: /\bMath\.random\(/,
    use: 'the randomness of shared/random.ts, passed in',
    in: product,
    except: ['shared/random.ts'],
  },
  {
    word: /\bconsole\./,
    use: 'the logger, passed in',
    in: product,
    except: [],
  },
  {
    word: /\bJSON\.parse\(/,
    use: 'a schema at the door (shared/contract/, the codecs)',
    in: product,
    // Node writes odd alternative names as JSON texts; documents are read after our own scanner has checked them; what the API
    // server gives out has passed its own schemas; a kubeconfig, JSON or YAML, meets its schema right after.
    except: [
      ...['shared/contract/', 'server/config', 'shared/pki/certificate.ts'],
      ...['server/database/json/value.ts', 'operator/kube/https-kube.ts'],
      'operator/kube/kubeconfig.ts',
    ],
  },
  {
    // Resources' own statuses, finalizers and notes, events and the lease apart, nothing is written that is not looked at first.
    word: /\bkube\??\.(?:create|apply|applyStatus|patch|delete)\b|\{[^{}]*\b(?:create|apply|patch)\b[^{}]*\} = (?:\w+\.)?kube\b/,
    use: 'what operator/kube/owned-writes.ts and apply.ts export: they ask first whose the object is',
    in: ['operator/'],
    except: [
      'operator/access/registered.ts',
      ...['owned-writes', 'status', 'finalizers', 'event', 'lease'].map(
        (name) => `operator/kube/${name}.ts`,
      ),
    ],
  },
  { word: /\bas any\b/, use: 'unknown and a check', in: [''], except: [] },
  { word: /^export default\b/m, use: 'a named export', in: [''], except: ['scripts/counts.mjs'] },
  { word: /\btest\.only\(|\bonly: true\b/, use: 'all tests', in: ['test/'], except: [] },
]

const paths = filePaths()
const files = sourceFiles(paths)
const ours = files.filter((file) => product.some((folder) => file.path.startsWith(folder)))

function check(name: string, offences: () => readonly string[], options: TestOptions = {}): void {
  test(name, options, () => {
    const found = offences()
    assert.ok(found.length === 0, `\n${found.join('\n')}\n`)
  })
}

check('architecture: a top folder imports only from those named for it', () =>
  rules.foldersKeepApart(files, topFolders),
)
check('architecture: imports of the server point down', () =>
  rules.importsPointDown(files, 'server', serverLayers),
)
check('architecture: imports of the storage engine point down', () =>
  rules.importsPointDown(files, 'server/storage', storageLayers),
)
check('architecture: imports of the operator point down', () =>
  rules.importsPointDown(files, 'operator', operatorLayers),
)
check('architecture: no kind of resource in the operator imports another', () =>
  rules.partsKeepApart(files, 'operator', operatorKinds),
)
check('architecture: no two files import each other, directly or round about', () =>
  rules.noCycles(files),
)
check('architecture: a relative import stays in its part', () => rules.relativeStaysInside(files))
check('architecture: a package is imported only where the table says', () =>
  rules.packagesHaveHomes(ours, importers),
)
check('architecture: every file with logic has a test at the same path', () =>
  rules.testsMirror(files, withoutMirror),
)
check('architecture: files keep their budgets', () => rules.budgets(files, tables))
check('architecture: words that have a better one are not used', () =>
  rules.bannedWords(files, bannedWords),
)
check('architecture: every error of the table is used', () => rules.errorsAreUsed(files))
check('architecture: nothing is left to do in the code', () => rules.nothingLeftToDo(files))
check('architecture: no file knows the machine it was written on', () => rules.standsAlone(paths))
check('architecture: pages name files that exist', () => rules.pagesNameWhatExists(paths))
check('architecture: drawings name files that exist', () => rules.drawingsNameWhatExists(paths))

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
  ...['http', 'query', 'database', 'index', 'system', 'keys', 'tls', 'access', 'audit'],
  ...['storage', 'seal'],
  ...['log', 'config', 'errors', 'limits'],
]

/** Inside the storage engine, likewise. */
const storageLayers = ['storage', 'btree', 'cache', 'log', 'page-store', 'engine.types', 'bytes']

/** Whose folder may import from which others; inside one folder the layers decide. */
const topFolders = {
  server: ['shared'],
  operator: ['shared'],
  shared: [],
  cli: ['server', 'operator', 'shared'],
  studio: ['shared'],
  scripts: [],
  docs: ['server', 'shared'],
  bench: ['server', 'shared', 'test', 'scripts'],
  test: ['server', 'operator', 'shared', 'scripts', 'bench', 'docs'],
  examples: [],
  demo: ['test', 'scripts'],
}

/** Packages, and the only places that may import them (tests and benchmarks aside). A new one needs a row, and a line in docs/decisions/. */
const importers = {
  'sodium-native': ['server/seal/sodium.ts'],
  lmdb: ['server/storage/page-store/lmdb.ts'],
  fastify: ['server/http/', 'server/access/hook.ts'],
  pino: ['server/log.ts', 'operator/main.ts'],
  'prom-client': ['server/metrics.ts', 'operator/metrics.ts'],
  '@peculiar/x509': ['shared/pki/'],
  'reflect-metadata': ['shared/pki/'],
  fflate: ['shared/pki/', 'server/http/'],
  'js-yaml': ['operator/api/generate.ts', 'operator/kube/access.ts'],
  typebox: ['server/', 'shared/', 'operator/'],
}

/** Files that need no test at their own path, with the reason. Types, constants and tables (below) need none anyway. */
const withoutMirror = {
  'server/main.ts': 'a process: test/flows starts it',
}

/** Tables, which may be longer and export more, as all errors.ts and limits.ts. test/errors.test.ts looks at every row of every errors.ts. */
const tables = [
  ...['server/config', 'server/access/actions.ts', 'shared/contract/'],
  ...['operator/kube/kinds.ts', 'operator/api/common.ts'],
]

/** Words that have a better one, where they are banned, and where they are at home. Looked for in code, without comments and quotes. */
const bannedWords: readonly rules.BannedWord[] = [
  {
    word: /\bprocess\.env\b/,
    use: 'a setting: read the configuration in server/config.ts and pass it on',
    in: ['server/', 'shared/'],
    except: ['server/config'],
  },
  {
    word: /\bDate\.now\(|\bnew Date\(\)/,
    use: 'the clock of shared/clock.ts, passed in',
    in: ['server/', 'shared/'],
    except: ['shared/clock.ts'],
  },
  {
    word: /\bMath\.random\(/,
    use: 'the randomness of shared/random.ts, passed in',
    in: ['server/', 'shared/'],
    except: ['shared/random.ts'],
  },
  {
    word: /\bconsole\./,
    use: 'the logger, passed in',
    in: ['server/', 'shared/'],
    except: [],
  },
  {
    word: /\bJSON\.parse\(/,
    use: 'a schema at the door (shared/contract/, the codecs)',
    in: ['server/', 'shared/'],
    // Node writes odd alternative names as JSON texts; documents are read after our own scanner has checked them.
    except: [
      ...['shared/contract/', 'server/config', 'shared/pki/certificate.ts'],
      'server/database/json/value.ts',
    ],
  },
  { word: /\bas any\b/, use: 'unknown and a check', in: [''], except: [] },
  { word: /^export default\b/m, use: 'a named export', in: [''], except: ['scripts/counts.mjs'] },
  { word: /\btest\.only\(|\bonly: true\b/, use: 'all tests', in: ['test/'], except: [] },
]

const paths = filePaths()
const files = sourceFiles(paths)
const ours = files.filter((file) => /^(?:server|operator|cli|shared)\//.test(file.path))
const withoutOperator = files.filter((file) => !/^(?:test\/)?operator\//.test(file.path))

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
check('architecture: no two files import each other, directly or round about', () =>
  rules.noCycles(files),
)
check('architecture: a relative import stays in its part', () => rules.relativeStaysInside(files))
check('architecture: a package is imported only where the table says', () =>
  rules.packagesHaveHomes(ours, importers),
)
check(
  'architecture: every file of server/, shared/ and scripts/ with logic has a test at the same path',
  () => rules.testsMirror(withoutOperator, withoutMirror),
)
check(
  'architecture: every file of the operator with logic has a test at the same path',
  () =>
    rules.testsMirror(
      files.filter((file) => /^(?:test\/)?operator\//.test(file.path)),
      {},
    ),
  { todo: 'until the operator stands' },
)
check('architecture: files keep their budgets', () => rules.budgets(files, tables))
check('architecture: words that have a better one are not used', () =>
  rules.bannedWords(files, bannedWords),
)
check('architecture: every error of the table is used', () => rules.errorsAreUsed(files))
check('architecture: nothing is left to do in the code', () => rules.nothingLeftToDo(files))
check('architecture: no file knows the machine it was written on', () => rules.standsAlone(paths))
check('architecture: pages name files that exist', () => rules.pagesNameWhatExists(paths))

/**
 * Every bound of the server, in one place. Each has a sentence on why that number; what depends on another asserts it below.
 * Units stand at the end of the name.
 */
import assert from 'node:assert/strict'

/** Sealed page as stored: LMDB page of 8 KiB less LMDB's own header of 24 bytes, so that a value fills exactly one page. */
export const sealedPageBytes = 8192 - 24
/** Nonce (24) and tag (16) of XChaCha20-Poly1305 come off each sealed page. */
export const sealOverheadBytes = 24 + 16
/** Room for the plain page. */
export const plainPageBytes = sealedPageBytes - sealOverheadBytes

/** The largest request body: documents of tens of megabytes are RavenDB's practice, and a batch holds many. */
export const bodyBytesMax = 128 * 1024 * 1024
/** Bodies that are in memory at one time, of all callers: working on one takes a few times its size. */
export const bodiesBytesMax = 256 * 1024 * 1024
/** Of one certificate or address: the largest body, and many of usual size. */
export const bodiesBytesPerCallerMax = 160 * 1024 * 1024
/** A connection that is closed before a body has come to its end stays that long, so that the answer is seen. */
export const lingerMs = 250
/** The largest body where only small settings are expected (certificates, records, keys). */
export const smallBodyBytesMax = 4 * 1024 * 1024
/** A certificate as it is registered: a PFX of 256 KiB in base64, and some words around it. */
export const certificateBodyBytesMax = 512 * 1024
/** A key, a challenge: some lines of text. */
export const shortBodyBytesMax = 64 * 1024
/** A record of a database, its settings, or names of databases. */
export const recordBodyBytesMax = 1024 * 1024
/** All request headers together; Node's own default is the same. */
export const headerBytesMax = 16 * 1024
/** Commands in one batch. */
export const batchCommandsMax = 100_000
/** Ids in one load. */
export const loadIdsMax = 20_000
/** A document id in UTF-8; RavenDB 7.2 refuses longer ones at PUT. */
export const documentIdBytesMax = 512
/** Values of a body that are kept while it is read, e.g. the members of a document or the commands of a batch with theirs. */
export const jsonValuesMax = 1_000_000
/** The same, and their names, where settings, ids or parameters are expected: they become JavaScript values. */
export const smallJsonValuesMax = 50_000
/** Names of wide objects that are held at once to find one that is there twice. */
export const jsonNamesMax = 1_000_000
/** Least numbers in a HiLo range; RavenDB's. */
export const hiloRangeMin = 32
/** Most numbers in a HiLo range: a client that asks for more in half a minute has another problem. */
export const hiloRangeMax = 1_048_576
/** Include paths of one load or query: each is looked up in every result. */
export const includePathsMax = 256
/** Patterns in `matches` or `exclude`: each is tried on every id that is walked over. */
export const idPatternsMax = 64
/** Operators and parentheses inside each other in a query. */
export const queryDepthMax = 64
/** Conditions after WHERE, lists of ids that are alternatives counting as one: each is asked of every key that is walked over. */
export const queryConditionsMax = 1_000
/** Ids after WHERE, with all lists in parameters: they are sorted in one go, in some tens of milliseconds. */
export const queryIdsMax = 10_000
/** Ids of results and of what they name that a query with INCLUDE remembers: some tens of megabytes. */
export const queryIncludesMax = 200_000
/** Characters of a query's own words that an error repeats: enough to find the place. */
export const queryCharactersShown = 100
/** Keys of a collection that are sorted in memory; a larger one is walked through in the order of all ids. */
export const sortedKeysMax = 200_000
/** A part of a document that is parsed in one go to find the ids to include: about two milliseconds. */
export const includePieceBytes = 256 * 1024
/** Of the documents of a load, as many bytes are kept until they are sent; the rest is read a second time then. */
export const loadHeldBytesMax = 4 * 1024 * 1024
/** Deletions that a database remembers, the newest: nobody asks for older ones, and a queue in a database deletes forever. */
export const tombstonesMax = 10_000
/** What is read before the loop gets its turn again while a long answer is put together. */
export const sliceBytes = 256 * 1024
/** The same for walks that read keys only. */
export const sliceKeys = 2_000
/** Answers up to that size are sent as one piece, longer ones as a stream. */
export const wholeAnswerBytesMax = 64 * 1024
/** Name of a member in JSON: names are compared, each in one go. */
export const jsonNameBytesMax = 256 * 1024
/** Digits of a number in JSON, likewise. */
export const jsonNumberBytesMax = 64 * 1024
/** A JSON text that is parsed in one go; of a longer one its parts are. A hostile one of that size takes some 30 ms. */
export const jsonPieceBytes = 128 * 1024
/** Nesting of JSON: deep enough for any real document, shallow enough for any stack. */
export const jsonDepthMax = 512
/** Documents or results in one answer when the caller names no page size. */
export const pageSizeDefault = 2_147_483_647
/** Open sockets. */
export const connectionsMax = 10_000
/** Of these, such as no registered certificate was shown on yet; a handshake and a first request take milliseconds. */
export const strangersMax = 6_000
/** Connections on which one was: the rest is room for those who come. */
export const knownConnectionsMax = 8_000
/** Of one certificate: further ones are treated like strangers', so that one client leaves room for the others. */
export const knownConnectionsPerCallerMax = 4_000
/** A TLS handshake that has not finished by then is cut. */
export const handshakeTimeoutMs = 10_000
/** Time for all headers of a request to arrive. */
export const headersTimeoutMs = 30_000
/** Time for a whole request to arrive. */
export const requestTimeoutMs = 300_000
/** A connection on which neither a byte comes nor one goes for so long, in the middle of a request or of its answer, is cut. */
export const stallTimeoutMs = 300_000
/** How often connections are looked over for those two times. */
export const timeoutCheckMs = 5_000
/** How often files of certificates are looked at: a changed one is served, or let in, within two seconds. */
export const certificateCheckMs = 1_000
/** A server certificate with its chain and key, as a program prints it: some tens of KiB at most. */
export const serverCertificateBytesMax = 1024 * 1024
/** How often the program that prints it is asked: RavenDB asks as often. */
export const loadHookEveryMs = 3_600_000
/** After it failed, or printed what cannot be served: soon, as a vault comes back, and not more often than usual in the end. */
export const loadHookBackoff = { firstMs: 10_000, mostMs: loadHookEveryMs } as const
/** Files in a folder of well-known certificates: an operator has two, people a few each. */
export const wellKnownFilesMax = 100
/** One of them: a handful of certificates in PEM, with the text that tools put around them. */
export const wellKnownFileBytesMax = 256 * 1024
/** A ClientHello that is looked into for a challenge: with keys of after-quantum kinds it takes two to four KiB. */
export const clientHelloBytesMax = 16 * 1024
/** Names that are proven at the same time by TLS-ALPN-01: a member has a handful. */
export const challengesMax = 100
/** A challenge that nobody withdrew ends by itself; the CA asks within a minute. */
export const challengeLifeMs = 600_000
/** `token "." thumbprint`: the second has 43 characters, and tokens of CAs as many. */
export const keyAuthorizationCharactersMax = 512
/** Open sockets where a CA asks by plain HTTP: it comes from a handful of places at once, and everybody else has no business there. */
export const challengeConnectionsMax = 100
/** What the CA says there is one short request… */
export const challengeHeaderBytesMax = 4 * 1024
/** …which comes at once. */
export const challengeTimeoutMs = 10_000
/** A secret of a DNS provider: the longest is a list of accounts. */
export const dnsSecretBytesMax = 64 * 1024
/** An order is looked at at least as often: a clock may be set, and a machine may sleep. */
export const orderLookMs = 60_000
/** A process that must not go on waits that long for the commits under way; one takes milliseconds. */
export const abandonTimeoutMs = 2_000
/** How often a server looks whether another process has taken its folder. */
export const ownerCheckMs = 1_000
/** How often a server with a certificate of its own asks whether it is time for the next. */
export const certificateRenewMs = 3_600_000
/** An idle connection is kept that long; RavenDB's clients pool theirs. */
export const keepAliveTimeoutMs = 120_000
/** In-flight requests get that long to finish when the server stops. */
export const closeGraceMs = 10_000
/** Time for a streamed answer to be read: the state it shows is kept on disk for it, so that a slow reader costs everybody room. */
export const answerTimeoutMs = 600_000
/** A batch waits that long for replicas at most: RavenDB's clients ask for 15 seconds. */
export const replicaWaitMsMax = 60_000
/** Text of an RQL query. */
export const queryCharactersMax = 65_536

/** Locked memory for keys altogether: a container's usual RLIMIT_MEMLOCK is 8 MiB, sometimes 64 KiB; a key takes 32 bytes. */
export const lockedBytesMax = 1024 * 1024
/** Keys are cut from arenas of this size. */
export const lockedArenaBytes = 32 * 1024
/** Key of a tree: four of them with their references always fit an inner page. */
export const treeKeyBytesMax = 1_536
/** An entry above that keeps its value in pages of its own, so that any two entries fit a page. */
export const inlineEntryBytesMax = 4_000
/** A value: more than the largest body. */
export const valueBytesMax = 512 * 1024 * 1024
/** Decoded pages kept in memory by one cache, unless the server is told otherwise. */
export const pageCacheBytesDefault = 256 * 1024 * 1024
/** Pages sealed in one go before others get their turn: about 4 ms. */
export const sealSlicePages = 256
/** Pages handed to LMDB in one turn of the loop: about two milliseconds. */
export const putSlicePages = 256
/** Commands of write-sets applied in one turn of the loop: about a millisecond. */
export const applySliceSteps = 64
/** Tries to take a database over from an owner that goes on committing meanwhile: it loses to one of them, as it commits once at a time. */
export const ownershipAttemptsMax = 100
/** Write-sets applied in one go before others get their turn, and the most that share a commit. */
export const commitWriteSetsMax = 1_024
/** Fresh pages after which a commit takes no more write-sets. */
export const commitFreshBytesMax = 16 * 1024 * 1024
/** Old pages removed in one commit that itself lets go of few; the rest waits for the next. */
export const reclaimedPagesMax = 4_096
/** A commit that lets go of so many (8 MiB) is followed by one that removes them, so that the next large one finds room in the file. */
export const promptReclaimPages = 1_024
/** Databases in one certificate's permissions: more than any server has, and a record of them still fits a page or few. */
export const permissionsMax = 2_000
/** Certificates that a caller may send along behind his own. */
export const certificateChainMax = 10
/** Refusals of one caller in the audit log each second; all strangers together are one. Enough to see who tries what. */
export const refusalLinesMax = 10
/** Characters of a certificate's subject that messages and audit lines show: enough to recognize it, and no stranger fills the log. */
export const subjectCharactersShown = 200
/** Renewals of one key that are valid at the same time: an hourly one that lives a day has twenty-four. */
export const renewalsPerKeyMax = 32
/** Signatures of certificates whose verification is remembered: as many certificates as come at a time, a hundred bytes each. */
export const verifiedSignaturesMax = 4_096
/** How often connections are looked over for rights that have ended by time; a change of a certificate is looked at at once. */
export const rightsCheckMs = 250
/** Whoever loses his own rights by what he asks for hears the answer before his connection is closed. */
export const farewellMs = 500
/** Characters in the name of a certificate record. */
export const certificateNameCharactersMax = 256
/** A generated client certificate lives five years unless somebody says otherwise, as RavenDB's do. */
export const clientCertificateDaysDefault = 5 * 365
/** No generated one lives longer than ten: what nobody can renew in time is also what nobody will revoke in time. */
export const clientCertificateDaysMax = 10 * 366
/** RSA keys of clients that are registered: shorter ones are broken, or soon will be. */
export const rsaBitsMin = 2048
/** Files in a folder of master keys: two are in use during a rotation; more than this is some other folder. */
export const masterKeyFilesMax = 16
/** Keys that wait for their databases: nobody prepares more at a time. */
export const pendingSecretsMax = 1_000
/** Ids of requests that are kept, with their results, for clients that repeat one: repeats come within seconds. */
export const requestIdsMax = 256
/** An anchor follows its database at most that late. */
export const anchorDelayMs = 1_000
/** Databases write down a commit of the server store that late, and then all at once: one second is the promise. */
export const witnessDelayMs = 300
/** How often the folder of the master key is looked at. */
export const masterKeyCheckMs = 1_000
/** Value of one setting of a database. */
export const databaseSettingCharactersMax = 1_024
/** Tries of one `update` of the server store: each lost one means that another write got through. */
export const systemUpdateAttemptsMax = 32
/** Above that (2 GiB of pages) the headers of values are not looked at before LMDB opens a file, so that a start stays short. */
export const inspectedHeadersMax = 262_144

assert.equal(plainPageBytes, 8128)
assert(knownConnectionsMax < connectionsMax && strangersMax < connectionsMax)
assert(bodyBytesMax <= bodiesBytesPerCallerMax && bodiesBytesPerCallerMax < bodiesBytesMax)
assert(inlineEntryBytesMax * 2 < plainPageBytes)
assert(treeKeyBytesMax * 4 < plainPageBytes)
assert.equal(lockedBytesMax % lockedArenaBytes, 0)
assert.ok(jsonValuesMax >= batchCommandsMax * 8, 'a batch has room for the members of its commands')

/**
 * Routes that RavenDB 7.2 has and this version does not: who would be allowed there is told which feature is missing, everybody else what
 * he is told anywhere. A client that meets "no handler" thinks that it speaks to the wrong server.
 *
 * Who would be allowed is what 7.2.7 was observed to do; for imports, exports and indexes that is less strict than its documentation.
 */
import type { Action } from '#server/access/actions.ts'
import type { Route, Routes } from './route.ts'

/**
 * A feature, and below it for each access its routes: methods, a colon, a path. Paths without a slash in front lie below
 * `/databases/:database/`; a question mark behind the access says that the database is named in `?name=`.
 */
const table = `
AI
  Read GET:ai/agent/conversation/messages GET:ai/errors
  ReadWrite POST:ai/agent POST:ai/agent/test DELETE:ai/errors
  Admin DELETE,GET,PUT:admin/ai/agent GET:admin/ai/agent/generate-code POST:admin/ai/embeddings/test POST:admin/ai/gen-ai/test
    POST:admin/ai/test-connection
  Operator POST:/admin/ai/test-connection GET:/admin/monitoring/v1/ai-tasks
ETL
  Read GET:etl/debug/stats GET:etl/errors GET:etl/performance GET:etl/performance/live GET:etl/progress GET:etl/stats
  ReadWrite DELETE:etl/errors POST:etl/retry-batch
  Operator POST:/admin/etl/elasticsearch/test-connection POST:/admin/etl/queue/amazonsqs/test-connection
    POST:/admin/etl/queue/azurequeuestorage/test-connection POST:/admin/etl/queue/azureservicebus/test-connection
    POST:/admin/etl/queue/kafka/test-connection POST:/admin/etl/queue/rabbitmq/test-connection POST:/admin/etl/snowflake/test-connection
    POST:/admin/etl/sql/test-connection GET:/admin/monitoring/v1/etls PUT,RESET:/databases/:database/admin/etl
    POST:/databases/:database/admin/etl/elasticsearch/test POST:/databases/:database/admin/etl/elasticsearch/test-connection
    POST:/databases/:database/admin/etl/olap/test POST:/databases/:database/admin/etl/queue/amazonsqs/test-connection
    POST:/databases/:database/admin/etl/queue/azurequeuestorage/test-connection
    POST:/databases/:database/admin/etl/queue/azureservicebus/test-connection
    POST:/databases/:database/admin/etl/queue/kafka/test-connection POST:/databases/:database/admin/etl/queue/rabbitmq/test-connection
    POST:/databases/:database/admin/etl/queue/test POST:/databases/:database/admin/etl/raven/test
    POST:/databases/:database/admin/etl/snowflake/test POST:/databases/:database/admin/etl/snowflake/test-connection
    POST:/databases/:database/admin/etl/sql/test POST:/databases/:database/admin/etl/sql/test-connection
analyzers and sorters
  Registered GET:/analyzers GET:/sorters
  Read GET:analyzers GET:sorters
  Admin DELETE,PUT:admin/analyzers DELETE,PUT:admin/sorters
  Operator DELETE,PUT:/admin/analyzers DELETE,PUT:/admin/sorters
attachments
  Read GET,HEAD:attachments GET:debug/attachments/hash GET:debug/attachments/metadata GET:debug/attachments/missing
  ReadWrite DELETE,POST,PUT:attachments DELETE,POST:attachments/bulk
  Admin GET,PUT:admin/attachments/remote/config
backups
  Registered OPTIONS:/databases/:database/admin/backup OPTIONS:/databases/:database/admin/backup/database
    OPTIONS:/databases/:database/admin/backup/running
  Read? GET:/periodic-backup GET:/periodic-backup/status
  Admin POST:admin/backup GET:admin/backup-data-directory POST:admin/backup/database GET:admin/backup/running
    GET:admin/debug/periodic-backup/timers POST:admin/periodic-backup GET:admin/periodic-backup/config
  Operator POST:/admin/backup-task/delay GET:/admin/debug/periodic-backup/timers POST:/admin/restore/database POST:/admin/restore/points
bulk insert
  ReadWrite POST:bulk_insert
clusters of several members
  Registered OPTIONS:/admin/cluster/demote OPTIONS:/admin/cluster/node OPTIONS:/admin/cluster/observer/decisions
    OPTIONS:/admin/cluster/observer/suspend OPTIONS:/admin/cluster/promote OPTIONS:/admin/cluster/reelect
    OPTIONS:/admin/cluster/remove-entry-from-log OPTIONS:/admin/cluster/timeout GET:/debug/server-id GET:/rachis/waitfor
  Admin GET:admin/debug/cluster/txinfo POST:admin/validate-unused-ids
  Operator GET:/admin/cluster/log GET:/admin/cluster/log/entry GET:/admin/cluster/maintenance-stats
    GET:/admin/cluster/observer/decisions POST:/admin/cluster/observer/suspend POST:/admin/cluster/reelect POST:/admin/cluster/timeout
    POST:/admin/databases/dynamic-node-distribution PUT:/admin/databases/node POST:/admin/databases/promote
    POST:/admin/databases/reorder POST:/admin/databases/topology/modify POST:/admin/databases/unused-ids
    GET:/admin/debug/cluster-info-package GET:/admin/debug/cluster/history-logs GET:/admin/debug/node/engine-logs
    GET:/admin/debug/node/ping GET:/admin/debug/node/remote-connections GET:/admin/debug/node/state-change-history
    GET:/admin/debug/remote-cluster-info-package POST:/admin/rachis/send GET:/admin/remote-server/build/version
  ClusterAdmin POST:/admin/cluster/bootstrap POST:/admin/cluster/demote DELETE,PUT:/admin/cluster/node POST:/admin/cluster/promote
    POST:/admin/cluster/remove-entry-from-log GET:/admin/debug/node/clear-http-clients-pool
compare-exchange values
  Read GET:cmpxchg
  ReadWrite DELETE,PUT:cmpxchg
compression
  Read GET:documents-compression/config
  Admin POST:admin/documents-compression/config
configuration
  Registered GET:/configuration/client
  Admin PUT:admin/configuration/client GET:admin/configuration/settings
  Operator PUT:/admin/configuration/client
  ClusterAdmin GET:/admin/configuration/settings
counters
  Read GET:counters
  ReadWrite POST:counters
diagnostics
  Registered POST:/build/version/updates GET:/debug/cpu-credits GET:/debug/routes GET:/threads-info/watch
  Read GET:collections/docs GET:collections/docs/ids GET:collections/last-change-vector GET:debug/documents/export-all-ids
    GET:debug/documents/huge GET:debug/documents/scan-corrupted-ids GET:debug/info-package GET:docs/size GET:task GET:tasks
    GET:tasks/errors
  Read? GET:/debug/is-loaded
  ReadWrite DELETE:tasks/errors
  Admin DELETE,GET,PUT:admin/connection-strings GET:admin/debug/txinfo
  Operator GET:/admin/debug/cpu/stats GET:/admin/debug/databases/idle GET:/admin/debug/info-package GET:/admin/debug/memory/allocations
    GET:/admin/debug/memory/encryption-buffer-pool GET:/admin/debug/memory/gc GET:/admin/debug/memory/gc-events
    GET:/admin/debug/memory/low-mem-log GET:/admin/debug/memory/smaps GET:/admin/debug/memory/stats GET:/admin/debug/proc/meminfo
    GET:/admin/debug/proc/stats GET:/admin/debug/proc/status GET:/admin/debug/threads/contention GET:/admin/debug/threads/runaway
    GET:/admin/debug/threads/stack-trace GET:/admin/debug/txinfo GET:/admin/memory/gc GET:/admin/stats GET:/admin/test/delay
    GET:/admin/test/empty-message GET:/admin/test/sized-message DELETE:/databases/:database/admin/tasks
    POST:/databases/:database/admin/tasks/state
  ClusterAdmin POST:/admin/cpu-credits POST:/admin/cpu-credits/sync
expiration, refresh and archival
  Read GET:data-archival/config GET:expiration/config GET:refresh/config
  Admin POST:admin/data-archival/config POST:admin/expiration/config POST:admin/refresh/config
import, export and migration
  Read GET:migrate/get-migrated-server-urls
  ReadWrite POST:smuggler/export POST:smuggler/import POST:smuggler/import/csv POST:smuggler/validate-options
  Admin POST:admin/sql-migration/import POST:admin/sql-migration/schema POST:admin/sql-migration/test
  Operator POST:/admin/migrate POST:/admin/migrate/offline GET:/databases/:database/admin/smuggler/import
    GET:/databases/:database/admin/smuggler/import-dir GET:/databases/:database/admin/smuggler/import-s3-dir
    POST:/databases/:database/admin/smuggler/migrate POST:/databases/:database/admin/smuggler/migrate/ravendb
indexes
  Read GET:indexes GET:indexes/auto/convert GET:indexes/debug GET:indexes/debug/metadata GET:indexes/errors POST:indexes/has-changed
    GET:indexes/history POST:indexes/last-queried GET:indexes/performance GET:indexes/performance/live GET:indexes/progress
    GET:indexes/source GET:indexes/staleness GET:indexes/stats GET:indexes/status GET:indexes/suggest-index-merge GET:indexes/terms
    GET:indexes/total-time
  ReadWrite DELETE,PUT,RESET:indexes POST:index/open-faulty-index POST:indexes/replace POST:indexes/set-lock POST:indexes/set-priority
  Admin PUT:admin/indexes POST:admin/indexes/disable POST:admin/indexes/dump POST:admin/indexes/enable POST:admin/indexes/optimize
    POST:admin/indexes/start POST:admin/indexes/stop DELETE:indexes/errors POST:indexes/finish-rolling POST:indexes/test POST:indexes/try
    PUT:side-by-side-indexes DELETE,PUT:transformers/*
  Operator POST:/admin/databases/indexing GET:/admin/indexes/lucene/query-clause-cache GET:/admin/monitoring/v1/indexes
keys of databases on other members
  Registered GET:/secrets/generate
  Operator POST:/admin/secrets/distribute
lazy requests
  Read POST:multi_get
licences
  Registered OPTIONS:/admin/license/set-limit GET:/eula/* GET:/eula/index.html GET:/license/configuration GET:/license/eula
    GET:/license/limits-usage GET:/license/status GET:/license/support
  Read GET:studio/license/limits-usage
  Operator POST:/admin/license/eula/accept POST:/admin/license/quill/usage
  ClusterAdmin POST:/admin/license/activate POST:/admin/license/forceUpdate POST:/admin/license/set-limit
logs and traffic watch
  Operator GET,POST:/admin/event-listener/configuration GET,POST:/admin/logs/configuration GET:/admin/logs/download
    GET:/admin/logs/watch GET:/admin/traffic-watch GET,POST:/admin/traffic-watch/configuration
long operations
  Registered GET:/operations/state
  Read GET:operations
  ReadWrite POST:operations/kill
  Operator GET:/admin/debug/operations/longest-running POST:/admin/operations/kill GET:/admin/operations/next-operation-id
maintenance of databases
  Read GET:debug/storage/all-environments/report GET:debug/storage/btree-structure GET:debug/storage/compression-dictionaries
    GET:debug/storage/environment/debug-only/pages GET:debug/storage/environment/free-space-snapshot
    GET:debug/storage/environment/report GET:debug/storage/environment/scratch-buffer-info GET:debug/storage/fst-structure
    GET:debug/storage/report GET:debug/storage/trees
  ReadWrite POST:transactions/replay
  Admin POST:admin/features POST:admin/restart POST:admin/storage/manual-flush POST:admin/storage/manual-sync
    POST:admin/tombstones/cleanup GET:admin/tombstones/state POST:admin/transactions/start-recording
    POST:admin/transactions/stop-recording
  Operator POST:/admin/compact POST:/admin/databases/set-lock GET:/admin/debug/storage/environment/report
    GET:/admin/debug/storage/environment/scratch-buffer-info
monitoring
  Read GET:debug/io-metrics GET:debug/io-metrics/live GET:debug/perf-metrics GET:metrics GET:metrics/bytes GET:metrics/puts
  Operator GET:/admin/debug/io-metrics GET:/admin/debug/io-metrics/live GET:/admin/metrics GET:/admin/monitoring/v1/collections
    GET:/admin/monitoring/v1/databases GET:/admin/monitoring/v1/prometheus GET:/admin/monitoring/v1/server GET:/monitoring/snmp
    GET,POST:/monitoring/snmp/bulk GET:/monitoring/snmp/mib GET:/monitoring/snmp/oids
patches
  ReadWrite PATCH:docs PATCH:json-patch PATCH:queries PATCH:queries/test
queries that change documents
  Registered GET:/debug/queries/running/live
  Read GET:debug/queries/cache/list GET:debug/queries/running
  ReadWrite POST:debug/queries/kill DELETE:queries
replacing and repairing certificates
  Registered OPTIONS:/admin/certificates/letsencrypt/force-renew OPTIONS:/admin/certificates/refresh
    OPTIONS:/admin/certificates/replace-cluster-cert
  Operator GET:/admin/certificates/for-communication/export GET:/admin/certificates/local-state DELETE:/admin/certificates/purge
  ClusterAdmin GET:/admin/certificates/cluster-domains POST:/admin/certificates/letsencrypt/force-renew
    GET:/admin/certificates/letsencrypt/renewal-date DELETE:/admin/certificates/local-state POST:/admin/certificates/local-state/apply
    GET:/admin/certificates/mode POST:/admin/certificates/refresh POST:/admin/certificates/replace-cluster-cert
    POST:/admin/certificates/replacement/reset GET:/admin/certificates/replacement/status
replication
  Registered GET:/info/remote-task/tcp GET:/info/remote-task/topology
  Read GET:debug/replication/all-items GET:replication/active-connections GET:replication/conflicts GET:replication/conflicts/solver
    GET:replication/debug/incoming-last-activity-time GET:replication/debug/incoming-rejection-info
    GET:replication/debug/outgoing-failures GET:replication/debug/outgoing-reconnect-queue GET:replication/internal/outgoing/progress
    GET:replication/lastEtag GET:replication/performance GET:replication/performance/live GET:replication/progress
    GET:replication/pulses/live GET:replication/tombstones GET:tasks/pull-replication/hub GET:tcp
  ReadWrite POST:replication/heartbeat POST:replication/replicateAttachments POST:replication/replicateDocs DELETE:tcp
  Admin? POST:/admin/replication/conflicts/solver
  Admin POST:admin/pull-replication/generate-certificate
  Operator GET:/admin/debug/info/tcp/active-connections GET:/admin/debug/info/tcp/stats POST:/admin/test-connection
    POST:/databases/:database/admin/tasks/external-replication PUT:/databases/:database/admin/tasks/pull-replication/hub
    DELETE,GET,PUT:/databases/:database/admin/tasks/pull-replication/hub/access
    POST:/databases/:database/admin/tasks/sink-pull-replication
revisions
  Read GET:debug/documents/get-revisions GET:revisions GET:revisions/bin GET:revisions/bin-cleaner/config
    GET:revisions/collections/stats GET:revisions/config GET:revisions/conflicts/config GET:revisions/count GET:revisions/resolved
    GET:revisions/size
  ReadWrite POST:revisions/revert POST:revisions/revert/docs
  Admin DELETE:admin/revisions POST:admin/revisions/bin-cleaner/config POST:admin/revisions/config POST:admin/revisions/config/enforce
    POST:admin/revisions/conflicts/config POST:admin/revisions/orphaned/adopt
schema validation
  Read GET:schema-validation/config
  ReadWrite POST:schema-validation/validate
  Admin POST:admin/schema-validation/config
server-wide tasks
  Operator DELETE,GET,PUT:/admin/configuration/server-wide/connection-strings
  ClusterAdmin GET:/admin/configuration/server-wide DELETE,GET,PUT:/admin/configuration/server-wide/backup
    PUT:/admin/configuration/server-wide/external-replication POST:/admin/configuration/server-wide/state
    DELETE:/admin/configuration/server-wide/task GET:/admin/configuration/server-wide/tasks GET:/admin/server-wide/backup-data-directory
    GET:/admin/server-wide/tasks
sharding
  Registered GET:/debug/sharding/find/bucket
  Read GET:debug/sharding/bucket GET:debug/sharding/buckets
  Admin DELETE,POST,PUT:admin/sharding/prefixed POST:admin/sharding/resharding/cleanup
  Operator DELETE,PUT:/admin/databases/orchestrator PUT:/admin/databases/shard POST:/admin/resharding/start
single sign-on
  Operator PUT:/admin/certificates/sso/user
  ClusterAdmin GET:/admin/certificates/sso/server/fetch
sinks of queues
  Read GET:cdc-sink/errors GET:cdc-sink/performance GET:cdc-sink/performance/live GET:queue-sink/performance/live
  ReadWrite DELETE:cdc-sink/errors
  Admin PUT:admin/cdc-sink POST:admin/cdc-sink/dry-run POST:admin/cdc-sink/schema POST:admin/cdc-sink/test PUT:admin/queue-sink
    POST:admin/queue-sink/test
  Operator GET:/admin/monitoring/v1/cdc-sinks
streams
  Read GET:streams/docs GET,HEAD,POST:streams/queries
subscriptions
  Registered OPTIONS:/databases/:database/subscriptions/connection-details
  Read GET:debug/subscriptions/resend GET:subscriptions GET:subscriptions/connection-details GET:subscriptions/performance/live
    GET:subscriptions/state
  ReadWrite DELETE:subscription-tasks POST:subscription-tasks/state DELETE,PUT:subscriptions POST:subscriptions/drop
    POST:subscriptions/try POST:subscriptions/update
the PostgreSQL protocol
  Admin POST:admin/integrations/postgresql/config GET:admin/integrations/postgresql/server/status
    DELETE,PUT:admin/integrations/postgresql/user GET:admin/integrations/postgresql/users
the administrator console
  Read GET:debug/script-runners
  Operator GET:/admin/debug/script-runners
  ClusterAdmin POST:/admin/console
the changes API
  Read GET:changes GET:changes/debug
  ReadWrite DELETE:changes
the setup wizard
  Registered OPTIONS:/setup/alive GET:/wizard/* GET:/wizard/index.html
  ClusterAdmin POST:/setup/continue POST:/setup/continue/extract POST:/setup/continue/unsecured POST:/setup/dns-n-cert
    POST:/setup/finish POST:/setup/hosts GET:/setup/ips POST:/setup/letsencrypt GET:/setup/letsencrypt/agreement GET:/setup/parameters
    POST:/setup/populate-ips POST:/setup/secured POST:/setup/unsecured/package POST:/setup/user-domains
the studio
  Registered GET:/auth-error.html GET:/cluster-dashboard/watch GET:/configuration/studio GET:/debug/info-package/analyzer/cluster/log
    GET:/debug/info-package/analyzer/cluster/observer/decisions GET:/debug/info-package/analyzer/cluster/topology
    GET:/debug/info-package/analyzer/databases/configuration/settings GET:/debug/info-package/analyzer/databases/indexes
    GET:/debug/info-package/analyzer/databases/indexes/errors GET:/debug/info-package/analyzer/databases/indexes/performance
    GET:/debug/info-package/analyzer/databases/indexes/stats GET:/debug/info-package/analyzer/databases/overview
    GET:/debug/info-package/analyzer/databases/record GET:/debug/info-package/analyzer/databases/stats
    GET:/debug/info-package/analyzer/databases/tasks GET:/debug/info-package/analyzer/memory GET:/debug/info-package/analyzer/network
    DELETE:/debug/info-package/analyzer/remove GET:/debug/info-package/analyzer/summary GET:/debug/info-package/analyzer/summary/node
    GET:/debug/info-package/analyzer/threads/runaway GET:/debug/info-package/analyzer/threads/stack-trace
    POST:/debug/info-package/analyzer/upload GET:/favicon.ico POST:/server/notification-center/dismiss
    POST:/server/notification-center/postpone GET:/server/notification-center/watch POST:/studio-tasks/ai/models
    GET:/studio-tasks/bootstrap POST:/studio-tasks/convert-to-json-schema GET:/studio-tasks/databases GET:/studio-tasks/databases/state
    POST:/studio-tasks/format GET:/studio-tasks/is-valid-name GET:/studio-tasks/next-cron-expression-occurrence
    POST:/studio-tasks/periodic-backup/test-credentials GET:/studio/* POST:/studio/feedback GET:/studio/index.html
    GET:/studio/upgrade-info
  Read GET:configuration/studio GET:docs/class GET:indexes/c-sharp-index-definition GET:notification-center/stats
    GET:notification-center/watch GET:notifications GET:studio-tasks/indexes/configuration/defaults
    GET:studio-tasks/remote-attachments/configuration GET:studio-tasks/suggest-conflict-resolution GET:studio/collections/fields
    GET:studio/collections/preview GET:studio/footer/stats GET:studio/indexes/errors-count GET:studio/revisions/ids
    GET:studio/revisions/preview GET:studio/sample-data/classes GET:studio/tasks/embeddings
  ReadWrite POST:notification-center/dismiss POST:notification-center/postpone DELETE:studio/collections/docs POST:studio/index-fields
    POST:studio/index-type POST:studio/sample-data POST:studio/validate-schema
  Admin PUT:admin/configuration/studio POST:admin/rachis/wait-for-index-notifications POST:admin/studio-tasks/folder-path-options
    POST:admin/studio-tasks/restart
  Operator PUT:/admin/configuration/studio GET:/admin/server/notifications POST:/admin/studio-tasks/folder-path-options
    GET:/admin/studio-tasks/full-data-directory GET:/admin/studio-tasks/offline-migration-test GET:/studio-tasks/admin/migrator-path
  ClusterAdmin GET:/admin/cluster-dashboard/remote/watch
time series
  Read GET:streams/timeseries GET:timeseries GET:timeseries/config GET:timeseries/debug/segments-summary GET,POST:timeseries/ranges
    GET:timeseries/stats
  ReadWrite POST:timeseries POST:timeseries/names/config
  Admin POST:admin/timeseries/config DELETE,PUT:admin/timeseries/policy
two-factor authentication
  Registered GET:/2fa/* GET:/2fa/index.html DELETE,POST:/authentication/2fa GET:/authentication/2fa/configuration
  Operator GET:/admin/certificates/2fa/generate
`

/** Each with the action that would admit its callers; it answers FeatureNotBuilt before the body is read. */
export function unbuiltRoutes(): Routes {
  const routes: Route[] = []
  let [feature, access] = ['', '']
  for (const line of table.trim().split('\n')) {
    if (!line.startsWith(' ')) feature = line
    const [first = '', ...rest] = line.startsWith(' ') ? line.trim().split(' ') : []
    if (first !== '' && !first.includes(':')) access = first
    const words = first.includes(':') ? [first, ...rest] : rest
    routes.push(...words.flatMap((word) => routesOf(word, feature, actionOf(access))))
  }
  return routes
}

function routesOf(word: string, feature: string, action: Action): Routes {
  const colon = word.indexOf(':')
  const path = word.slice(colon + 1)
  return word
    .slice(0, colon)
    .split(',')
    .map((method) => ({
      method: method as Route['method'],
      path: path.startsWith('/') ? path : `/databases/:database/${path}`,
      action,
      unbuilt: feature,
      handle: () => undefined,
    }))
}

function actionOf(access: string): Action {
  const level = access.replace('?', '') as Action['level']
  if (level !== 'Read' && level !== 'ReadWrite' && level !== 'Admin') return { level }
  return { level, database: access.endsWith('?') ? 'query' : 'path' }
}

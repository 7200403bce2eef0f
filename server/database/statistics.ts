/** Figures of a database, in RavenDB's names and order. What is not built yet counts 0. */
import type { Engine, Reader } from '#server/storage/engine.types.ts'
import { changeVector } from './change-vector.ts'
import { collections, totals } from './collections.ts'
import { identities } from './identities.ts'
import type { Outcome, WriteSet } from './write-set.ts'

type Figures = Readonly<Record<string, unknown>>

/** The part that all forms share; the answer of `/stats/essential`. */
export function essentialStatistics(reader: Reader): Figures {
  const { documents, tombstones } = totals(reader)
  return {
    CountOfIndexes: 0,
    CountOfDocuments: documents,
    CountOfRevisionDocuments: 0,
    CountOfTombstones: tombstones,
    CountOfDocumentsConflicts: 0,
    CountOfConflicts: 0,
    CountOfAttachments: 0,
    CountOfCounterEntries: 0,
    CountOfTimeSeriesSegments: 0,
    Indexes: [],
  }
}

/** `/stats`. */
export function statistics(
  reader: Reader,
  engine: Engine<WriteSet, readonly Outcome[]>,
  databaseId: string,
): Figures {
  const { lastEtag } = reader
  return {
    ...essentialStatistics(reader),
    CountOfUniqueAttachments: 0,
    DatabaseChangeVector: lastEtag === 0 ? '' : changeVector(lastEtag, databaseId),
    DatabaseId: databaseId,
    NumberOfTransactionMergerQueueOperations: 0,
    Is64Bit: true,
    Pager: 'Strongroom',
    LastDocEtag: lastEtag,
    LastDatabaseEtag: lastEtag,
    LastIndexingTime: null,
    SizeOnDisk: size(engine.figures.sizeOnDiskBytes),
    TempBuffersSizeOnDisk: size(0),
  }
}

/** What `/stats/detailed` adds, before the rest. */
export function detailedStatistics(reader: Reader): Figures {
  return {
    CountOfIdentities: identities(reader).length,
    CountOfCompareExchange: 0,
    CountOfCompareExchangeTombstones: 0,
    CountOfTimeSeriesDeletedRanges: 0,
    CountOfRemoteAttachments: 0,
  }
}

/** `/collections/stats`: documents of each collection. */
export function collectionStatistics(reader: Reader): Figures {
  const counts = collections(reader).map(({ name, documents }) => [name, documents] as const)
  return { ...collectionTotals(reader), Collections: Object.fromEntries(counts) }
}

/** `/collections/stats/detailed`. Sizes are not kept for each collection: 0. */
export function detailedCollectionStatistics(reader: Reader): Figures {
  const details = collections(reader).map(
    ({ name, documents, tombstones }) =>
      [
        name,
        {
          Name: name,
          CountOfDocuments: documents,
          Size: size(0),
          DocumentsSize: size(0),
          CountOfTombstones: tombstones,
          TombstonesSize: size(0),
          CountOfRevisions: 0,
          RevisionsSize: size(0),
          CountOfTimeSeriesDeletedRanges: 0,
          TimeSeriesDeletedRangesSize: size(0),
          CountOfCounterEntries: 0,
          CounterEntriesSize: size(0),
          CountOfTimeSeriesSegments: 0,
          TimeSeriesSegmentsSize: size(0),
        },
      ] as const,
  )
  return { ...collectionTotals(reader), Collections: Object.fromEntries(details) }
}

function collectionTotals(reader: Reader): Figures {
  const { documents, tombstones } = totals(reader)
  return {
    CountOfDocuments: documents,
    CountOfDocumentsConflicts: 0,
    CountOfConflicts: 0,
    CountOfRevisionDocuments: 0,
    CountOfTombstones: tombstones,
    CountOfTimeSeriesDeletedRanges: 0,
    CountOfAttachments: 0,
    CountOfCounterEntries: 0,
    CountOfTimeSeriesSegments: 0,
  }
}

/** `31.44 MBytes` and the number itself. */
export function size(bytes: number): { readonly HumaneSize: string; readonly SizeInBytes: number } {
  const steps = ['Bytes', 'KBytes', 'MBytes', 'GBytes', 'TBytes']
  const step = Math.min(steps.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10))
  const scaled = Number((bytes / 1024 ** step).toFixed(2))
  return { HumaneSize: `${scaled} ${steps[step]}`, SizeInBytes: bytes }
}
